import type { FoundDocument } from '@tieout/connector-kit';
import type { Tx } from '@tieout/persistence';
import type { DocumentRow } from '../adapters/postgres/document.table.js';
import { backOffMs, differenceOf, lookUpVerdict, type LookUpVerdict } from '../domain/outcomes.js';
import type { ConnectionHealth } from './connection-health.js';
import { withDeadline, LEASE_MARGIN_MS, type Destination } from './destination.js';
import type { Ledger } from './ledger.js';
import { WriteOutcome } from './write-outcome.js';

const EXPIRED_BATCH = 50;
const DRAFTS_BATCH = 10;
const FIRST_LOOK_MS = 500;
const LATEST_LOOK_MS = 60_000;

type Verdict = LookUpVerdict | { readonly kind: 'as-sent' };
interface Finding {
  readonly verdict: Verdict;
  /** Lines that do not stand there, where the destination may take a part only. */
  readonly missing: readonly string[];
}

/** Finds out what became of documents without an answer: looks by reference, then adopts or sends the same document again. */
export class ResolveUnknown {
  readonly #write: WriteOutcome;

  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
    private readonly health: ConnectionHealth,
  ) {
    this.#write = new WriteOutcome(ledger, destination);
  }

  async run(): Promise<'more' | 'idle'> {
    const { database, connections, documents } = this.ledger;
    const { id, slots, capabilities } = this.destination;
    const expired = await database.transaction((tx) => this.#expire(tx));
    if ((await connections.read(database, id))?.resting) return 'idle';
    const due = await database.transaction((tx) =>
      documents.takeDue(tx, id, 'unknown', slots.size, capabilities.requestTimeoutMs * 2 + LEASE_MARGIN_MS),
    );
    await Promise.all(due.map((row) => slots.use(() => this.#resolve(row))));
    await this.#discardDrafts();
    return due.length === slots.size || expired === EXPIRED_BATCH ? 'more' : 'idle';
  }

  /** Senders that vanished. The lease outlived the request, so only the settle time is left to wait for. */
  async #expire(tx: Tx): Promise<number> {
    const { id, capabilities } = this.destination;
    const rows = await this.ledger.documents.lockExpired(tx, id, EXPIRED_BATCH);
    for (const row of rows) {
      const message = 'the sender vanished before it stored the outcome';
      await this.#write.unknown(tx, row, { event: 'lose', why: 'no-answer', message, settleMs: capabilities.settleMs });
    }
    return rows.length;
  }

  async #resolve(row: DocumentRow): Promise<void> {
    const { database, documents } = this.ledger;
    const { capabilities } = this.destination;
    const again = backOffMs(row.lookUps + 1, FIRST_LOOK_MS, LATEST_LOOK_MS);
    let finding: Finding;
    try {
      finding = await this.#find(row);
    } catch (error) {
      await database.transaction(async (tx) => {
        if ((await documents.lockFenced(tx, row)) === undefined) return;
        await documents.lookAgain(tx, row.documentKey, again);
        await this.health.failed(tx, this.destination.id, error);
      });
      return;
    }
    const surplus = 'surplusDrafts' in finding.verdict ? finding.verdict.surplusDrafts : [];
    await database.transaction((tx) => this.#apply(tx, row, finding, again));
    for (const draftId of surplus) {
      const target = this.destination.target();
      await withDeadline('write', capabilities.requestTimeoutMs, async () => target.discardDraft?.(draftId)).catch(
        () => undefined,
      );
    }
  }

  async #find(row: DocumentRow): Promise<Finding> {
    const { capabilities } = this.destination;
    const read = <T>(request: () => Promise<T>): Promise<T> => withDeadline('read', capabilities.requestTimeoutMs, request);
    const target = this.destination.target();
    if (row.unknownWhy === 'differs') {
      const [booked] = await read(() => target.readBack([row.externalId!]));
      const sent = { postingPeriod: row.postingPeriod, lines: (await this.#members(row)).map(figures) };
      return {
        verdict: { kind: booked !== undefined && differenceOf(sent, booked) === undefined ? 'as-sent' : 'wait' },
        missing: [],
      };
    }
    const found: readonly FoundDocument[] = await read(() => target.findByReference(row.documentKey));
    const verdict = lookUpVerdict(found, {
      protocol: capabilities.protocol,
      draftId: row.draftId ?? undefined,
      absenceCounts: row.absenceCounts,
    });
    if (verdict.kind !== 'adopt' || !(capabilities.partialAcceptance || row.unknownWhy === 'not-found'))
      return { verdict, missing: [] };
    const [booked] = await read(() => target.readBack([verdict.externalId]));
    // Found by its reference but not by its id: not there as long as it cannot be read back.
    if (booked === undefined) return { verdict: { kind: 'wait' }, missing: [] };
    const there = new Set(booked.lines.map((line) => line.postingKey));
    return { verdict, missing: capabilities.partialAcceptance ? row.postingKeys.filter((key) => !there.has(key)) : [] };
  }

  async #apply(tx: Tx, taken: DocumentRow, { verdict, missing }: Finding, againMs: number): Promise<void> {
    const { documents, clock, instance } = this.ledger;
    const row = await documents.lockFenced(tx, taken);
    const outcome = `${row === undefined ? 'late: ' : ''}${verdict.kind}`;
    await documents.appendAttempts(
      tx,
      [{ documentKey: taken.documentKey, fence: taken.fence, step: 'look-up', outcome }],
      instance,
      clock.now(),
    );
    await this.health.answered(tx, this.destination.id);
    if (row === undefined) return;
    const held = { row, members: await this.ledger.postings.ofDocuments(tx, [row.documentKey]) };
    const adopt = (externalId: string): Promise<void> => {
      const gone = new Set(missing);
      const members = held.members.filter((member) => member.state === 'unknown');
      return this.#write.posted(
        tx,
        { row, members },
        {
          kind: 'posted',
          externalId,
          accepted: members.map((member) => member.postingKey).filter((key) => !gone.has(key)),
          refused: members
            .filter((member) => gone.has(member.postingKey))
            .map(({ postingKey }) => ({ postingKey, message: 'the destination booked the document without this line' })),
        },
      );
    };
    switch (verdict.kind) {
      case 'adopt':
        return adopt(verdict.externalId);
      case 'as-sent':
        return adopt(row.externalId!);
      case 'post-draft':
        return this.#write.returned(tx, held, {
          exposed: true,
          draftId: verdict.draftId,
          message: 'the destination has the draft, not yet posted',
        });
      case 'resend':
        return this.#write.returned(tx, held, {
          exposed: true,
          draftId: null,
          message: 'the destination has no document with this reference',
        });
      case 'duplicate':
        if (row.unknownWhy !== 'duplicate') await this.#write.duplicate(tx, row, verdict.externalIds);
        return documents.lookAgain(tx, row.documentKey, LATEST_LOOK_MS);
      case 'wait':
        return documents.lookAgain(tx, row.documentKey, againMs);
    }
  }

  async #members(row: DocumentRow) {
    return (await this.ledger.postings.ofDocuments(this.ledger.database, [row.documentKey])).filter(
      (member) => member.state === 'unknown',
    );
  }

  /** Drafts of refused documents book nothing, but somebody would wonder about them. */
  async #discardDrafts(): Promise<void> {
    const { database, documents } = this.ledger;
    const { id, slots, capabilities } = this.destination;
    for (const { documentKey, draftId } of await documents.draftsToDiscard(database, id, DRAFTS_BATCH)) {
      try {
        await slots.use(() =>
          withDeadline('write', capabilities.requestTimeoutMs, async () => this.destination.target().discardDraft?.(draftId)),
        );
        await documents.draftDiscarded(database, documentKey);
      } catch (error) {
        await database.transaction((tx) => this.health.failed(tx, id, error));
        return;
      }
    }
  }
}

const figures = ({
  postingKey,
  content: { hours, amount },
}: {
  postingKey: string;
  content: { hours: string; amount: string };
}) => ({ postingKey, hours, amount });
