import {
  CONTEXTS,
  erasePersonalSubject,
  type Context,
  type ErasePersonalAnswerV1,
  type ErasePersonalV1,
} from '@tieout/contracts';
import { isFault } from '@tieout/model';
import type { ServiceRuntime } from '@tieout/service-kit';

export interface Erased {
  readonly erased: number;
  /** Services that did not answer: repeat it when they are back. */
  readonly away: readonly Context[];
}

/** Has every service erase the personal values in its audit records about a subject. Each writes a record of it. */
export class ErasePersonal {
  constructor(private readonly runtime: ServiceRuntime) {}

  async run(command: ErasePersonalV1): Promise<Erased> {
    const answers = await Promise.all(CONTEXTS.map((context) => this.#ask(context, command)));
    return {
      erased: answers.reduce((sum, { answer }) => sum + (answer?.erased ?? 0), 0),
      away: answers.flatMap(({ context, answer }) => (answer === undefined ? [context] : [])),
    };
  }

  async #ask(
    context: Context,
    command: ErasePersonalV1,
  ): Promise<{ context: Context; answer: ErasePersonalAnswerV1 | undefined }> {
    try {
      const { questions } = this.runtime;
      return { context, answer: await questions.command<ErasePersonalAnswerV1>(erasePersonalSubject(context), command) };
    } catch (error) {
      if (isFault(error, 'Unavailable')) return { context, answer: undefined };
      throw error;
    }
  }
}
