import { isFault } from '@tieout/model';
import type { NewEvent, Tx } from '@tieout/persistence';
import { sameContent } from '../domain/ledger.js';
import { plan } from '../domain/plan.js';
import { isBooked } from '../domain/posting-states.js';
import { dissolve } from './dissolve.js';
import { CHANNELS, tell, type AuditNote } from './ledger.js';
import { lineCleared } from './ledger-events.js';
import { lockLines, targetKey } from './lock-lines.js';
import type { Pace } from './pace.js';
import type { Ledger, PlannedLine } from './ports.js';
import { lockedWhy, RESTORED } from './went-back.js';
import { toLedgerLine, type PlanTarget, type PostingRow } from './rows.js';

const BATCH = 500;

/** Compares what shall stand with the lines that exist, and writes the lines that are owed. */
export class PlanTargets {
  #oneByOne = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly pace: Pace,
  ) {}

  async run(): Promise<'more' | 'idle'> {
    const outcome = await this.#isolating();
    this.pace.planned(outcome);
    return outcome;
  }

  /** A batch that a bug ends is planned one by one, and whoever fails alone goes to the end of the queue: a poison entry delays no other. */
  async #isolating(): Promise<'more' | 'idle'> {
    const { database, targets, clock } = this.ledger;
    if (this.#oneByOne === 0) {
      try {
        return await database.transaction((tx) => this.#batch(tx, BATCH));
      } catch (error) {
        if (!isFault(error)) this.#oneByOne = BATCH;
        throw error;
      }
    }
    this.#oneByOne -= 1;
    let alone: PlanTarget | undefined;
    try {
      return await database.transaction((tx) => this.#batch(tx, 1, (target) => (alone = target)));
    } catch (error) {
      if (!isFault(error) && alone !== undefined) await targets.postpone(database, alone, clock.now());
      throw error;
    }
  }

  /** Destinations of which the ledger has yet to learn again what stands there. */
  async #forgetful(tx: Tx): Promise<string[]> {
    const ids: string[] = [];
    for (const id of [...this.ledger.rules.destinations].sort())
      if ((await lockedWhy(tx, this.ledger, id)) === RESTORED) ids.push(id);
    return ids;
  }

  async #batch(tx: Tx, size: number, seen?: (target: PlanTarget) => void): Promise<'more' | 'idle'> {
    const { targets, rules, clock } = this.ledger;
    const dirty = await targets.lockDirty(tx, size, await this.#forgetful(tx));
    dirty.forEach((target) => seen?.(target));
    if (dirty.length === 0) return 'idle';
    const { documents, lines } = await lockLines(tx, this.ledger, dirty);
    const urgency = await rules.urgency(tx, clock.epochMs());
    const work = new PlannedWork();
    for (const target of dirty) {
      const rows = lines.get(targetKey(target)) ?? [];
      // Frozen between the two locks: look again in the next run.
      if (rows.some((row) => row.documentKey !== null && !documents.has(row.documentKey))) continue;
      const decision = plan(
        target,
        rows.map((row) => toLedgerLine(row, row.documentKey !== null && documents.get(row.documentKey)?.exposed === true)),
        rules.correction,
      );
      if (decision.kind === 'wait') {
        work.waiting.push(target);
        continue;
      }
      (awaitsReversal(target, rows) ? work.waiting : work.clean).push(target);
      work.emit.push(
        ...decision.emit.map((line) => ({
          ...line,
          ...urgency(line.content),
          entryId: target.entryId,
          destination: target.destination,
          traceparent: target.traceparent,
        })),
      );
      const cancelled = new Set(decision.cancel.map((line) => line.postingKey));
      work.cancel.push(...rows.filter((row) => cancelled.has(row.postingKey)));
    }
    await this.#write(tx, work);
    return dirty.length === size || work.clean.length + work.waiting.length < dirty.length ? 'more' : 'idle';
  }

  async #write(tx: Tx, work: PlannedWork): Promise<void> {
    const { targets, postings, clock, rules, notices } = this.ledger;
    const now = clock.now();
    const held = work.cancel.filter((row) => row.state === 'pending').flatMap((row) => row.documentKey ?? []);
    await dissolve(tx, this.ledger, [...new Set(held)], 'a line of it is owed no longer');
    await postings.move(tx, 'cancel', work.cancel, now);
    await postings.insert(tx, work.emit, now);
    await targets.planned(tx, work.clean, 'clean');
    await targets.planned(tx, work.waiting, 'waiting');
    await tell(tx, this.ledger, {
      audit: [...work.emit.map(plannedNote), ...work.cancel.map(cancelledNote)],
      events: work.cancel
        .filter((row) => row.state === 'rejected' || row.blockedReason !== null)
        .map((row): NewEvent => lineCleared(rules, row, now)),
    });
    if (work.emit.length > 0 || work.cancel.length > 0) await notices.wake(tx, CHANNELS.freeze);
  }
}

class PlannedWork {
  readonly clean: PlanTarget[] = [];
  readonly waiting: PlanTarget[] = [];
  readonly emit: PlannedLine[] = [];
  readonly cancel: PostingRow[] = [];
}

/** What reverses itself is owed its reversal as soon as it is booked as it is wanted now: until then its target waits to be planned again. */
const awaitsReversal = ({ wanted }: PlanTarget, rows: readonly PostingRow[]): boolean =>
  wanted.some(
    ({ leg, content }) =>
      content.reverseInto !== undefined &&
      !rows.some((row) => row.leg === leg && row.kind === 'post' && isBooked(row.state) && sameContent(row.content, content)),
  );

const plannedNote = (line: PlannedLine): AuditNote => ({
  action: 'posting.planned',
  subjectKind: 'posting',
  subjectId: line.postingKey,
  legalEntityId: line.content.legalEntityId,
  after: {
    state: 'pending',
    entryId: line.entryId,
    destination: line.destination,
    releaseNo: line.releaseNo,
    kind: line.kind,
    reverses: line.reverses,
    content: line.content,
  },
  traceparent: line.traceparent,
});

const cancelledNote = (row: PostingRow): AuditNote => ({
  action: 'posting.cancelled',
  subjectKind: 'posting',
  subjectId: row.postingKey,
  legalEntityId: row.legalEntityId,
  before: { state: row.state },
  after: { state: 'cancelled' },
  traceparent: row.traceparent ?? undefined,
});
