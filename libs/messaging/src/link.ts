import { Fault } from '@tieout/model';
import { Logger } from '@nestjs/common';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { backOffMs, Pause } from './back-off.js';

export interface NatsLinkOptions {
  /** One or several, separated by commas. */
  readonly servers: string;
  /** How the server lists this client. */
  readonly name: string;
  readonly user?: string;
  readonly password?: string;
}

/** The one connection of a process to NATS. A server that is away, at the start or later, is waited for. */
export class NatsLink {
  readonly #logger = new Logger(NatsLink.name);
  readonly #pause = new Pause();
  readonly #reconnected = new Set<() => void>();
  #nc: NatsConnection | undefined;
  #connecting: Promise<void> | undefined;
  #up = false;
  #closed = false;

  constructor(readonly options: NatsLinkOptions) {}

  /** Resolves when connected; waits for the server for ever. @throws Fault Unavailable when closed meanwhile */
  connect(): Promise<void> {
    if (this.#nc && !this.#nc.isClosed()) return Promise.resolve();
    this.#connecting ??= this.#dial().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  get connected(): boolean {
    return this.#up && this.#nc !== undefined && !this.#nc.isClosed();
  }

  /** @throws Fault Unavailable before the first connection and after close() */
  get nc(): NatsConnection {
    if (!this.#nc || this.#nc.isClosed()) throw new Fault('Unavailable', `not connected to NATS at ${this.options.servers}`);
    return this.#nc;
  }

  /** Calls `fn` after every later reconnection. @returns how to stop that */
  onReconnect(fn: () => void): () => void {
    this.#reconnected.add(fn);
    return () => this.#reconnected.delete(fn);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pause.end();
    const nc = this.#nc;
    if (!nc || nc.isClosed()) return;
    // What was acknowledged must leave; but a server that is away must not hold the process.
    if (this.#up) await Promise.race([nc.drain().catch(() => undefined), new Pause().wait(2_000)]);
    if (!nc.isClosed()) await nc.close();
    this.#up = false;
  }

  async #dial(): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        const nc = await connect(this.#connectOptions());
        this.#nc = nc;
        this.#up = true;
        void this.#watch(nc);
        if (attempt > 0) this.#logger.log(`connected to NATS at ${this.options.servers}`);
        return;
      } catch (error) {
        if (attempt === 0)
          this.#logger.warn(`NATS at ${this.options.servers} does not answer (${String(error)}); waiting for it`);
        await this.#pause.wait(backOffMs(attempt, { firstMs: 100, maxMs: 3_000 }));
      }
    }
    throw new Fault('Unavailable', 'closed before NATS answered');
  }

  #connectOptions(): Parameters<typeof connect>[0] {
    const { servers, name, user, password } = this.options;
    return {
      servers: servers.split(',').map((server) => server.trim()),
      name,
      ...(user !== undefined && { user, pass: password ?? '' }),
      timeout: 3_000,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      // A rotated password must not end the process: the next attempt may carry the new one.
      ignoreAuthErrorAbort: true,
      // Two missed pings: a half-open connection is found within half a minute.
      pingInterval: 10_000,
      // A stack trace per request costs more than the request on the hot path.
      noAsyncTraces: true,
    };
  }

  async #watch(nc: NatsConnection): Promise<void> {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect' && this.#up) {
        this.#up = false;
        if (!this.#closed) this.#logger.warn('connection to NATS lost; reconnecting');
      } else if (status.type === 'reconnect') {
        this.#up = true;
        this.#logger.log('connection to NATS is back');
        for (const fn of this.#reconnected) fn();
      } else if (status.type === 'error') this.#logger.warn(`NATS: ${status.error.message}`);
    }
    this.#up = false;
    if (this.#closed) return;
    this.#logger.error('connection to NATS ended for good; making another');
    await this.connect().catch(() => undefined);
    for (const fn of this.#reconnected) fn();
  }
}
