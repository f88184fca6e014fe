import { EVENT_TYPES, eventSubject, KEEPS_LAST, type EventType } from '@tieout/contracts';
import { appendOutbox, type NewEvent, type Tx } from '@tieout/persistence';
import { isSignedBy, type StatementKind } from '@tieout/signing';
import { latestMessage } from '../adapters/postgres/activation.store.js';
import { overrideMessages } from '../adapters/postgres/override.store.js';
import { waitingSubjects } from '../adapters/postgres/outbox-look.js';
import type { Governance } from '../app-part.js';

/** Looking at hundreds of overrides costs a request each; that they are lost with the policy is found with it. */
const OVERRIDES_EVERY = 20;
const READS_AT_ONCE = 32;

/**
 * Compares what is in force with what the stream keeps, and says again what is missing there or older: a stream may be lost, or come back
 * from before. The outbox alone does not see that, for it has published. What somebody else put there is taken away first: services refuse it,
 * but with a high revision it would keep every later activation off the stream.
 */
export class PutBack {
  #round = 0;

  constructor(private readonly governance: Governance) {}

  /** Overrides are looked at with the next round. */
  lookAtAll(): void {
    this.#round = 0;
  }

  async run(): Promise<'idle'> {
    const { database, clock, link, logger } = this.governance.runtime;
    if (!link.connected) return 'idle';
    const policy = await this.#missing(await this.#policy(database));
    const overrides =
      policy.length > 0 || this.#round++ % OVERRIDES_EVERY === 0 ? await this.#missing(await this.#overrides(database)) : [];
    const events = [...policy, ...overrides];
    if (events.length === 0) return 'idle';
    await database.transaction((tx) => appendOutbox(tx, 'governance', events, clock.now()));
    logger.warn({ events: events.length }, 'the stream GOVERNANCE had lost what is in force; said again');
    return 'idle';
  }

  async #policy(tx: Tx): Promise<NewEvent[]> {
    const body = await latestMessage(tx);
    return body === undefined ? [] : [{ type: EVENT_TYPES.policyActivated, scope: [body.environment], body }];
  }

  async #overrides(tx: Tx): Promise<NewEvent[]> {
    const bodies = await overrideMessages(tx, this.governance.runtime.clock.now());
    return bodies.map((body) => ({ type: EVENT_TYPES.overrideChanged, scope: [body.entryId], body }));
  }

  /** By the keys that services have: what those take is not forged. */
  #isOurs(type: EventType, body: unknown): boolean {
    const { keyId, signature, ...statement } = body as { keyId?: unknown; signature?: unknown };
    if (typeof keyId !== 'string' || typeof signature !== 'string') return false;
    return isSignedBy(KINDS[type]!, statement, { keyId, signature }, this.governance.runtime.governanceKeys());
  }

  async #missing(events: readonly NewEvent[]): Promise<NewEvent[]> {
    const { publisher, database, logger } = this.governance.runtime;
    const lost: NewEvent[] = [];
    for (let from = 0; from < events.length; from += READS_AT_ONCE)
      await Promise.all(
        events.slice(from, from + READS_AT_ONCE).map(async (event) => {
          const stream = KEEPS_LAST[event.type]!;
          const last = await publisher.lastOf(stream, subjectOf(event));
          const forged = last !== undefined && this.#isOurs(event.type, event.body) && !this.#isOurs(event.type, last.body);
          if (forged) {
            logger.error({ subject: subjectOf(event) }, 'somebody else published what only governance may say; taken away');
            await publisher.forget(stream, subjectOf(event));
          }
          if (forged || last === undefined || revisionOf(last.body) < revisionOf(event.body)) lost.push(event);
        }),
      );
    if (lost.length === 0) return [];
    // What still waits in the outbox was not lost: it is on its way.
    const waiting = await waitingSubjects(database, lost.map(subjectOf));
    return lost.filter((event) => !waiting.has(subjectOf(event)));
  }
}

const KINDS: Partial<Record<EventType, StatementKind>> = {
  [EVENT_TYPES.policyActivated]: 'policy-activation',
  [EVENT_TYPES.overrideChanged]: 'override',
};

const subjectOf = ({ type, scope }: NewEvent): string => eventSubject(type, ...scope);
const revisionOf = (body: unknown): number => (body as { readonly revision: number }).revision;
