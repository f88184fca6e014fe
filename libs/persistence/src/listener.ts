import pg from 'pg';
import type { Tx } from './database.js';

const RECONNECT_FIRST_MS = 200;
const RECONNECT_MAX_MS = 10_000;

/** Wakes whoever listens on the channel, when the transaction commits. */
export async function notify(tx: Tx, channel: string): Promise<void> {
  await tx.query('select pg_notify($1, $2)', [channel, '']);
}

/**
 * One LISTEN connection per process, on the direct address: a pooler between would lose notifications. It reconnects by itself and
 * then calls everyone, because what was notified meanwhile is gone. Notifications are hints; whoever listens also polls.
 */
export class Listener {
  readonly #handlers = new Map<string, Set<() => void>>();
  readonly #directUrl: string;
  #client: pg.Client | undefined;
  /** pg takes one query at a time. */
  #turn: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #delayMs = RECONNECT_FIRST_MS;
  #started = false;
  #closed = false;

  constructor(directUrl: string) {
    this.#directUrl = directUrl;
  }

  /** The first call connects; later ones listen on the open connection. */
  on(channel: string, fn: () => void): void {
    const known = this.#handlers.get(channel);
    if (known) {
      known.add(fn);
      return;
    }
    this.#handlers.set(channel, new Set([fn]));
    if (!this.#started) {
      this.#started = true;
      void this.#connect();
    } else if (this.#client) void this.#listen(this.#client, channel).catch(() => undefined);
  }

  /** Stops calling this function. */
  off(channel: string, fn: () => void): void {
    this.#handlers.get(channel)?.delete(fn);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#directUrl,
      application_name: 'tieout-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    let lost = false;
    const onLost = (): void => {
      if (lost) return;
      lost = true;
      if (this.#client === client) this.#client = undefined;
      void client.end().catch(() => undefined);
      this.#reconnectLater();
    };
    client.on('error', onLost);
    client.on('end', onLost);
    client.on('notification', ({ channel }) => this.#call(channel));
    try {
      await client.connect();
      this.#client = client;
      for (const channel of this.#handlers.keys()) await this.#listen(client, channel);
      this.#delayMs = RECONNECT_FIRST_MS;
      if (this.#closed) await client.end();
    } catch {
      onLost();
    }
  }

  #reconnectLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => void this.#connect(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, RECONNECT_MAX_MS);
  }

  #listen(client: pg.Client, channel: string): Promise<void> {
    const listening = this.#turn.then(async () => {
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
      this.#call(channel);
    });
    this.#turn = listening.catch(() => undefined);
    return listening;
  }

  #call(channel: string): void {
    for (const fn of this.#handlers.get(channel) ?? []) fn();
  }
}
