import type { ServiceRuntime } from '@tieout/service-kit';
import { standingDifferences } from '../adapters/postgres/difference.store.js';
import { findRun, latestRuns, type ReconciliationRun } from '../adapters/postgres/run.store.js';
import type { RunQuestion, RunReconciliation } from './run-reconciliation.js';

/** Starts runs, on time and when asked, and shows them. */
export class Runs {
  #running: Promise<unknown> | undefined;
  #lastStartMs = 0;

  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly reconciliation: RunReconciliation,
  ) {}

  latest(limit: number): Promise<ReconciliationRun[]> {
    return latestRuns(this.runtime.database, limit);
  }
  find(runId: string): Promise<ReconciliationRun | undefined> {
    return findRun(this.runtime.database, runId);
  }
  differences(state: 'open' | 'accepted', limit: number): Promise<Record<string, unknown>[]> {
    return standingDifferences(this.runtime.database, state, limit);
  }

  /** @returns false when this replica is at it already: its result serves as well. */
  start(question: RunQuestion): boolean {
    if (this.#running !== undefined) return false;
    this.#lastStartMs = this.runtime.clock.epochMs();
    this.#running = this.reconciliation
      .run(question)
      .catch((error: unknown) => this.runtime.logger.error({ err: error }, 'reconciliation run failed'))
      .finally(() => (this.#running = undefined));
    return true;
  }

  async runWhenDue(everyMs: number): Promise<'idle'> {
    if (this.runtime.clock.epochMs() - this.#lastStartMs >= everyMs) {
      this.start({ askedBy: `service:${this.runtime.name}` });
      await this.#running;
    }
    return 'idle';
  }

  async finished(): Promise<void> {
    await this.#running;
  }
}
