import {
  connectionStatesSubject,
  FEED_COMMANDS,
  QUESTIONS,
  type ConnectionStatesV1,
  type ConnectionStateV1,
  type Context,
  type LegalEntityReadinessAnswerV1,
  type LegalEntityReadinessV1,
} from '@tieout/contracts';
import type { ServiceRuntime } from '@tieout/service-kit';

export interface SeenCommand {
  readonly verb: string;
  readonly body: Record<string, unknown>;
}

/** What the other services would answer about a legal entity that comes in. */
export class FakeServices {
  readonly commands: SeenCommand[] = [];
  readonly states: Partial<Record<Context, Record<string, Omit<ConnectionStateV1, 'connection'>>>> = {};
  readiness: LegalEntityReadinessAnswerV1 | undefined;
  /** What was asked of master data last. */
  asked: LegalEntityReadinessV1 | undefined;
  locked: string | undefined;
  /** Whether policy wants a second person for adoption. */
  secondPerson = false;
  readonly #subscriptions: { unsubscribe(): void }[] = [];

  constructor(private readonly runtime: ServiceRuntime) {
    for (const context of ['master', 'time', 'posting', 'payroll', 'analytics'] as const)
      this.#answer(connectionStatesSubject(context), (question) => this.#statesOf(context, question as ConnectionStatesV1));
    this.#answer(QUESTIONS.legalEntityReadiness, (question) => {
      this.asked = question as LegalEntityReadinessV1;
      return this.readiness;
    });
    for (const verb of ['lock', 'open', 'adopt'] as const)
      this.#answer(FEED_COMMANDS.posting[verb], (body) => this.#carryOut(verb, body as Record<string, unknown>));
  }
  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #statesOf(context: Context, { connections }: ConnectionStatesV1): { connections: ConnectionStateV1[] } {
    const known = this.states[context] ?? {};
    return {
      connections: connections
        .filter((connection) => known[connection])
        .map((connection) => ({
          connection,
          ...known[connection]!,
          ...(context === 'posting' && this.locked !== undefined && { locked: this.locked }),
        })),
    };
  }
  #carryOut(verb: string, body: Record<string, unknown>): unknown {
    this.commands.push({ verb, body });
    if (verb === 'lock') this.locked = `held by ${String(body['actor'])}: ${String(body['reason'])}`;
    if (verb === 'open') this.locked = undefined;
    if (verb !== 'adopt') return { locked: this.locked === undefined ? [] : ['fr-erp'] };
    if (this.secondPerson && body['dryRun'] === false && body['grant'] === undefined) throw new NeedsSecondPerson();
    return { dryRun: body['dryRun'], matched: 40, ambiguous: [], unmatched: ['x1'] };
  }
  #answer(subject: string, answer: (body: unknown) => unknown): void {
    const { nc } = this.runtime.link;
    const callback = (_error: unknown, message: { json<T>(): T; respond(text: string): boolean }): void => {
      const { data } = message.json<{ data: unknown }>();
      try {
        const response = answer(data);
        if (response !== undefined) message.respond(JSON.stringify({ response, isDisposed: true }));
      } catch (error) {
        if (!(error instanceof NeedsSecondPerson)) throw error;
        const size = { lines: 40, hours: '320', amounts: { EUR: '20000.00' } };
        const err = { status: 409, title: 'A second person must agree', detail: '', code: 'second-person-needed', size };
        message.respond(JSON.stringify({ err, isDisposed: true }));
      }
    };
    this.#subscriptions.push(nc.subscribe(subject, { callback: callback as never }));
  }
}

class NeedsSecondPerson extends Error {}
