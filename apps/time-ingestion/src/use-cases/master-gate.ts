import { EVENT_TYPES, QUESTIONS, type ProgressAnswerV1 } from '@tieout/contracts';
import { durableName, pendingOf } from '@tieout/messaging';
import { isFault } from '@tieout/model';
import { MasterReadModel } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';

const ANSWER_MS = 2_000;
/** How long a master-data-sync that does not answer can keep time waiting, if there is master data from before. */
const PATIENCE_MS = 60_000;

/**
 * Assessment waits until master data was read once and the read model has caught up: otherwise the first minute of a new deployment
 * would hold everything and heal it again.
 */
export class MasterGate {
  readonly #master = new MasterReadModel();
  readonly #since: number;
  #opened = false;

  constructor(private readonly runtime: ServiceRuntime) {
    this.#since = runtime.clock.epochMs();
  }

  async open(): Promise<boolean> {
    if (!this.#opened) this.#opened = (await this.#synchronised()) && (await this.#caughtUp());
    return this.#opened;
  }

  async #synchronised(): Promise<boolean> {
    const { questions, clock, database } = this.runtime;
    try {
      return (await questions.ask<ProgressAnswerV1>(QUESTIONS.masterProgress, {}, ANSWER_MS)).idle;
    } catch (error) {
      if (!isFault(error)) throw error;
      return clock.epochMs() - this.#since > PATIENCE_MS && (await this.#master.count(database)) > 0;
    }
  }

  async #caughtUp(): Promise<boolean> {
    return (await pendingOf(this.runtime.link, 'MASTER', durableName(this.runtime.name, EVENT_TYPES.masterChanged))) === 0;
  }
}
