import type { Log } from '@tieout/persistence';
import type { Timers } from './ports.js';

const BEAT_MS = 1_000;
/** While slots change hands or a connection is down. */
const HURRY_MS = 250;

export interface HeartbeatOptions {
  readonly connection: string;
  readonly timers: Timers;
  readonly log: Log;
  readonly beat: () => Promise<'settled' | 'unsettled' | 'lost'>;
}

/** Renews the grant every second, whatever happens, until stopped or until another process has taken over. */
export class Heartbeat {
  #stopped = new AbortController();
  #beating: Promise<unknown> = Promise.resolve();
  #failing = false;

  constructor(private readonly options: HeartbeatOptions) {}

  async start(): Promise<void> {
    this.#go(await this.#once());
  }

  /** Waits for the beat under way, but for no sleep. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#beating;
  }

  #go(pause: number | 'end'): void {
    const { signal } = this.#stopped;
    if (pause === 'end' || signal.aborted) return;
    this.options.timers.sleep(pause, signal).then(
      async () => {
        if (!signal.aborted) this.#go(await this.#once());
      },
      () => undefined,
    );
  }

  #once(): Promise<number | 'end'> {
    const once = this.#beat();
    this.#beating = once;
    return once;
  }

  async #beat(): Promise<number | 'end'> {
    const { beat, log, connection } = this.options;
    try {
      const outcome = await beat();
      if (this.#failing) log.info({ connection }, `budget of ${connection}: its share is renewed again`);
      this.#failing = false;
      if (outcome !== 'lost') return outcome === 'unsettled' ? HURRY_MS : BEAT_MS;
      log.error({ connection }, `budget of ${connection}: another process took over under our name; nothing is sent from here`);
      return 'end';
    } catch (error) {
      // Told once per outage of the store.
      if (!this.#failing) log.warn({ err: error, connection }, `budget of ${connection}: its share could not be renewed`);
      this.#failing = true;
      return HURRY_MS;
    }
  }
}
