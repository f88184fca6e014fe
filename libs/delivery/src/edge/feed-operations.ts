import {
  FEED_COMMANDS,
  type AdoptV1,
  type ConnectionStateV1,
  type LockDestinationV1,
  type ReplayV1,
  type RestoreV1,
  type RetryPostingsV1,
  type ReverseSurplusV1,
  type SettleDocumentV1,
} from '@tieout/contracts';
import { AdoptLines, type AdoptAnswer, type AdoptRefusal } from '../engine/adopt-lines.js';
import type { Destination } from '../engine/destination.js';
import { holdOf } from '../engine/holds.js';
import { CHANNELS, tell } from '../engine/ledger.js';
import type { Gate } from '../engine/gate.js';
import { Replay, type ReplayAnswer, type ReplaySelection } from '../engine/replay.js';
import { RestoreLedger, type RestoreAnswer } from '../engine/restore-ledger.js';
import { RetryPostings, type RetryAnswer } from '../engine/retry-postings.js';
import { ReverseSurplus, type SurplusAnswer } from '../engine/reverse-surplus.js';
import { RESTORE_LOCKS } from '../engine/went-back.js';
import { SettleUnknown, type SettleAnswer } from '../engine/settle-unknown.js';
import { DestinationStates } from '../postgres/destination-states.js';
import { LedgerImportStore } from '../postgres/ledger-import.store.js';
import type { PostgresLedger } from '../postgres/postgres-ledger.js';
import { ReplayStore } from '../postgres/replay.store.js';
import { UNASSIGNED, type Feed } from '@tieout/model';
import type { AdoptionRules, OperatorAction } from '@tieout/policy';
import type { GrantableCommand, SecondPerson } from '@tieout/service-kit';

type Refusal = { readonly refused: string };

/** What operators may ask of a feed, over NATS and HTTP alike. */
export class FeedOperations {
  readonly #retry: RetryPostings;
  readonly #replay: Replay;
  readonly #adopt: AdoptLines;
  readonly #restore: RestoreLedger;
  readonly #settle: SettleUnknown;
  readonly #surplus: ReverseSurplus;
  readonly #imports = new LedgerImportStore();
  readonly #states = new DestinationStates();

  constructor(
    private readonly ledger: PostgresLedger,
    private readonly destinations: readonly Destination[],
    rulesOf: (connection: string) => AdoptionRules | undefined,
    private readonly guard: { readonly feed: Feed; readonly secondPerson: Pick<SecondPerson, 'pass'> },
  ) {
    this.#retry = new RetryPostings(ledger);
    this.#replay = new Replay(ledger, new ReplayStore());
    this.#adopt = new AdoptLines(ledger, this.#imports, destinations, rulesOf);
    this.#restore = new RestoreLedger(ledger, this.#imports);
    this.#settle = new SettleUnknown(ledger, destinations);
    this.#surplus = new ReverseSurplus(ledger, this.#imports, destinations);
  }

  retry(command: RetryPostingsV1): Promise<RetryAnswer> {
    const { postingKeys, actor } = command;
    return this.#guarded('bulk-fix', 'retry', command, (gate) => this.#retry.retry(postingKeys, actor, gate));
  }

  replay(command: ReplayV1): Promise<ReplayAnswer> | Refusal {
    const selection = selectionOf(command);
    if ('refused' in selection) return selection;
    return this.#guarded('replay', 'replay', command, (gate) => this.#replay.replay(selection, command, gate));
  }

  adopt(command: AdoptV1): Promise<AdoptAnswer | AdoptRefusal> {
    return this.#guarded('adopt', 'adopt', command, (gate) => this.#adopt.adopt(command, gate));
  }

  settle(command: SettleDocumentV1): Promise<SettleAnswer> | Refusal {
    const { documentKey, verdict, externalId, actor } = command;
    if (verdict === 'booked' && externalId === undefined)
      return { refused: 'a booked document needs its number there: externalId' };
    const settlement =
      externalId !== undefined && verdict === 'booked' ? { verdict, externalId } : { verdict: 'not-booked' as const };
    return this.#guarded('settle', 'settle', command, (gate) => this.#settle.settle(documentKey, settlement, actor, gate));
  }

  reverseSurplus(command: ReverseSurplusV1): Promise<SurplusAnswer> {
    return this.#guarded('reverse-surplus', 'reverseSurplus', command, (gate) => this.#surplus.reverse(command, gate));
  }

  async #guarded<T>(
    action: OperatorAction,
    name: keyof (typeof FEED_COMMANDS)['posting'],
    command: GrantableCommand,
    run: (gate: Gate) => Promise<T>,
  ): Promise<T> {
    const { feed, secondPerson } = this.guard;
    const pass = secondPerson.pass(action, FEED_COMMANDS[feed][name], command);
    try {
      return await run(pass.gate);
    } catch (error) {
      // Where a destination was away, say: the same grant shall serve when it is back.
      await pass.giveBack().catch(() => undefined);
      throw error;
    }
  }

  /** Those that are destinations of this feed. */
  async connectionStates(connections: readonly string[]): Promise<ConnectionStateV1[]> {
    const ours = connections.filter((id) => this.destinations.some((destination) => destination.id === id));
    return ours.length === 0 ? [] : this.#states.of(this.ledger.database, ours);
  }

  /** @returns the destinations that are locked now */
  async lock({ destination, reason, actor }: LockDestinationV1): Promise<{ locked: readonly string[] } | Refusal> {
    if (!this.#has(destination)) return { refused: notOurs(destination) };
    const { database, connections } = this.ledger;
    const before = await database.transaction(async (tx) => {
      const { locked } = await connections.lock(tx, destination);
      if (locked !== null) return locked;
      await connections.setLock(tx, destination, holdOf(actor, reason));
      await tell(tx, this.ledger, { audit: [lockNote('connection.locked', { destination, reason, actor })], events: [] });
      return undefined;
    });
    return before === undefined ? { locked: await this.locked() } : { refused: `"${destination}" is locked already: ${before}` };
  }

  /** @returns the destinations that are locked still */
  async open({ destination, reason, actor }: LockDestinationV1): Promise<{ locked: readonly string[] } | Refusal> {
    if (!this.#has(destination)) return { refused: notOurs(destination) };
    if (!(await this.locked()).includes(destination)) return { refused: `"${destination}" is not locked` };
    await this.#open(destination, actor, reason);
    return { locked: await this.locked() };
  }

  #has(destination: string): boolean {
    return this.destinations.some(({ id }) => id === destination);
  }

  locked(): Promise<readonly string[]> {
    return this.#imports.lockedDestinations(this.ledger.database);
  }

  /** Those that wait for the ledger to be derived again. */
  wentBack(): Promise<readonly string[]> {
    return this.#imports.lockedDestinations(this.ledger.database, RESTORE_LOCKS);
  }

  /** Derives the ledger again and opens what could be derived completely. */
  async restore(command: RestoreV1): Promise<readonly (RestoreAnswer | Refusal)[]> {
    const named = command.destination === undefined ? await this.wentBack() : [command.destination];
    const answers: (RestoreAnswer | Refusal)[] = [];
    for (const id of named) {
      const destination = this.destinations.find((one) => one.id === id);
      if (destination === undefined) {
        answers.push({ refused: notOurs(id) });
        continue;
      }
      const answer = await this.#restore.restore(destination, command);
      answers.push(answer);
      if (!command.dryRun && 'unreadable' in answer && answer.unreadable.length === 0)
        await this.#open(id, command.actor, 'the ledger was derived again from the destination');
    }
    return answers;
  }

  async #open(destination: string, actor: string, reason: string): Promise<void> {
    const { database, documents, connections, guard, notices } = this.ledger;
    const mark = await database.transaction(async (tx) => {
      await connections.setLock(tx, destination, null);
      await notices.wake(tx, CHANNELS.freeze);
      await tell(tx, this.ledger, {
        audit: [lockNote('connection.unlocked', { destination, reason, actor })],
        events: [],
      });
      return { attempt: await documents.lastAttempt(tx), derivedMs: await this.#imports.derived(tx, destination) };
    });
    // After the commit: whoever dies in between learns from the store that the ledger was derived again.
    guard.begin(mark);
  }
}

const notOurs = (destination: string): string => `"${destination}" is no destination of this feed`;

const lockNote = (
  action: string,
  { destination, reason, actor }: Pick<LockDestinationV1, 'destination' | 'reason' | 'actor'>,
) => ({
  actor,
  action,
  subjectKind: 'connection',
  subjectId: destination,
  legalEntityId: UNASSIGNED,
  reason,
});

const selectionOf = ({ by, from, to, entryIds, documentKeys, destination }: ReplayV1): ReplaySelection | Refusal => {
  if (by === 'time')
    return from !== undefined && to !== undefined
      ? { by, from, to, destination }
      : { refused: 'replay by time needs from and to' };
  if (by === 'entries') return entryIds ? { by, entryIds, destination } : { refused: 'replay by entries needs entryIds' };
  if (by === 'documents')
    return documentKeys ? { by, documentKeys, destination } : { refused: 'replay by documents needs documentKeys' };
  return destination === undefined ? { refused: 'replay by destination needs destination' } : { by, destination };
};
