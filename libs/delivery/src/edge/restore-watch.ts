import { QUESTIONS, type ProgressAnswerV1 } from '@tieout/contracts';
import type { ServiceRuntime } from '@tieout/service-kit';
import { WorkLoop } from '@tieout/persistence';
import { lockedWhy } from '../engine/went-back.js';
import type { PostgresLedger } from '../postgres/postgres-ledger.js';
import type { FeedOperations } from './feed-operations.js';

const EVERY_MS = 500;
/** How often in a row the sources must have nothing to do, so that what was lost of them is known again. */
const QUIET_CHECKS = 6;
const CHECK_MS = 2_000;
const DAY_MS = 86_400_000;
/** Documents dated further back than this cannot have been sent since any backup worth restoring. */
const WINDOW_DAYS = 400;

/**
 * Keeps the mark of how far the ledger has come, and after the database went back brings it up again: waits until the sources have
 * told again what was forgotten, derives the ledger from the destinations, and opens them.
 */
export class RestoreWatch {
  readonly #loop: WorkLoop;
  #quiet = 0;
  #checkedMs = 0;

  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly ledger: PostgresLedger,
    private readonly operations: FeedOperations,
  ) {
    const { database, clock, logger, listener } = runtime;
    this.#loop = new WorkLoop({
      name: 'restore watch',
      run: () => this.#run(),
      pollMs: EVERY_MS,
      database,
      listener,
      clock,
      logger,
    });
  }

  async start(): Promise<void> {
    await this.ledger.guard.start();
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #run(): Promise<'idle'> {
    const { guard, database, timers, rules } = this.ledger;
    const [any] = rules.destinations;
    // Also while the senders have no reason to ask: their destinations may be away.
    if (any !== undefined) await database.transaction((tx) => lockedWhy(tx, this.ledger, any));
    if ((await this.operations.wentBack()).length === 0) {
      await guard.tell();
      return 'idle';
    }
    if (timers.monotonicMs() - this.#checkedMs < CHECK_MS) return 'idle';
    this.#checkedMs = timers.monotonicMs();
    this.#quiet = (await this.#caughtUp()) ? this.#quiet + 1 : 0;
    if (this.#quiet < QUIET_CHECKS) return 'idle';
    this.#quiet = 0;
    const answers = await this.operations.restore({ actor: this.ledger.rules.actor, dryRun: false, ...this.#window() });
    this.runtime.logger.warn({ answers }, 'the ledger was derived again from its destinations');
    return 'idle';
  }

  async #caughtUp(): Promise<boolean> {
    const sources = await this.runtime.questions.ask<ProgressAnswerV1>(QUESTIONS.timeProgress, {}).catch(() => undefined);
    return sources?.idle === true;
  }

  #window(): { from: string; to: string } {
    const now = this.ledger.clock.epochMs();
    const day = (offset: number): string => new Date(now + offset * DAY_MS).toISOString().slice(0, 10);
    return { from: day(-WINDOW_DAYS), to: day(WINDOW_DAYS) };
  }
}
