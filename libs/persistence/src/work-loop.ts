import type { Clock } from '@tieout/clock';
import type { Database } from './database.js';
import type { Listener } from './listener.js';
import type { Log } from './log.js';

export interface WorkLoopOptions {
  readonly name: string;
  /** One piece of work; 'more' means call me again at once. */
  readonly run: () => Promise<'more' | 'idle'>;
  /** How long to wait when idle and nobody wakes the loop. */
  readonly pollMs: number;
  /** NOTIFY channel that wakes the loop. */
  readonly wakeOn?: string;
  readonly database?: Pick<Database, 'ping'>;
  readonly listener?: Pick<Listener, 'on' | 'off'>;
  readonly clock: Clock;
  readonly logger: Log;
}

const BACK_OFF_FIRST_MS = 200;
const BACK_OFF_MAX_MS = 10_000;
/** The same kind of error is told again after this long, so that a log shows that it lasts. */
const TELL_AGAIN_MS = 60_000;

/**
 * Calls `run` until it is idle, then waits for a wake-up or the poll. An error never ends the loop: it backs off (0.2 s to 10 s) and, after
 * one, asks the database first, so that a run never does half its work outside while its result cannot be stored.
 */
export class WorkLoop {
  readonly #options: WorkLoopOptions;
  readonly #wakeUp = (): void => this.wake();
  readonly #toldAt = new Map<string, number>();
  #woken = false;
  #endWait: (() => void) | undefined;
  #idle = false;
  #stopping = false;
  #backOffMs = 0;
  #done: Promise<void> | undefined;

  constructor(options: WorkLoopOptions) {
    this.#options = options;
  }

  /** True when the last run found nothing to do and nobody woke the loop since. */
  get idle(): boolean {
    return this.#idle && !this.#woken;
  }

  start(): void {
    if (this.#done) return;
    const { wakeOn, listener } = this.#options;
    if (wakeOn) listener?.on(wakeOn, this.#wakeUp);
    this.#done = this.#loop();
  }

  wake(): void {
    this.#woken = true;
    // In back-off a wake-up changes nothing: what failed just now would fail again at each notification.
    if (this.#backOffMs === 0) this.#endWait?.();
  }

  /** Finishes the run in progress. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const { wakeOn, listener } = this.#options;
    if (wakeOn) listener?.off(wakeOn, this.#wakeUp);
    this.#endWait?.();
    await this.#done;
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      this.#woken = false;
      const outcome = await this.#runOnce();
      if (this.#stopping) return;
      if (outcome === 'failed') await this.#wait(this.#backOffMs);
      else if (outcome === 'idle') {
        this.#idle = true;
        if (!this.#woken) await this.#wait(this.#options.pollMs);
      }
    }
  }

  async #runOnce(): Promise<'more' | 'idle' | 'failed'> {
    const { run, database, name, logger } = this.#options;
    try {
      if (this.#backOffMs > 0) await database?.ping();
      this.#idle = false;
      const outcome = await run();
      if (this.#backOffMs > 0) logger.info({ loop: name }, `${name}: works again`);
      this.#backOffMs = 0;
      this.#toldAt.clear();
      return outcome;
    } catch (error) {
      this.#idle = false;
      this.#backOffMs = Math.min(Math.max(this.#backOffMs * 2, BACK_OFF_FIRST_MS), BACK_OFF_MAX_MS);
      this.#tell(error);
      return 'failed';
    }
  }

  #tell(error: unknown): void {
    const { name, logger, clock } = this.#options;
    const { name: kind, message } = error as Error;
    const now = clock.epochMs();
    if (now - (this.#toldAt.get(kind) ?? -Infinity) < TELL_AGAIN_MS) return;
    this.#toldAt.set(kind, now);
    logger.error({ loop: name, err: error }, `${name}: ${message}; trying again`);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endWait?.(), ms);
      this.#endWait = () => {
        clearTimeout(timer);
        this.#endWait = undefined;
        resolve();
      };
    });
  }
}
