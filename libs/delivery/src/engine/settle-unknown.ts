import type { Tx } from '@tieout/persistence';
import { postingKeysOf } from '../domain/freeze.js';
import { withDeadline, type Destination } from './destination.js';
import { isInFlight } from '../domain/posting-states.js';
import { ungated, type Gate } from './gate.js';
import { tell } from './ledger.js';
import type { Ledger } from './ports.js';
import { toFrozenDocument, type DocumentRow } from './rows.js';
import { WriteOutcome } from './write-outcome.js';

/** What a person found in the destination. */
export type Settlement = { readonly verdict: 'booked'; readonly externalId: string } | { readonly verdict: 'not-booked' };

export type SettleAnswer = { readonly settled: true } | { readonly settled: false; readonly why: string };

/** A person says what became of a document that only a person can tell: not to be asked, or known there twice. */
export class SettleUnknown {
  constructor(
    private readonly ledger: Ledger,
    private readonly destinations: readonly Destination[],
  ) {}

  /** @throws Fault when the destination must be read for it and cannot be. */
  async settle(documentKey: string, settlement: Settlement, actor: string, gate: Gate = ungated): Promise<SettleAnswer> {
    const missing = await this.#missing(documentKey, settlement);
    if (missing === 'unreadable') return { settled: false, why: 'no document with this number can be read there' };
    return this.ledger.database.transaction(async (tx) => {
      const [row] = await this.ledger.documents.lock(tx, [documentKey]);
      const destination = this.destinations.find(({ id }) => id === row?.destination);
      if (row === undefined || destination === undefined) return { settled: false, why: 'there is no such document' };
      const why = whyNot(row, settlement);
      if (why !== undefined) return { settled: false, why };
      const { count: lines, hours, amounts } = row.totals;
      await gate(tx, { lines, hours, amounts });
      await this.#write(tx, row, destination, { settlement, missing });
      await tell(tx, this.ledger, {
        audit: [
          {
            actor,
            action: 'document.settled',
            subjectKind: 'document',
            subjectId: documentKey,
            legalEntityId: row.legalEntityId,
            before: { state: row.state, why: row.unknownWhy },
            after: settlement,
          },
        ],
        events: [],
      });
      return { settled: true };
    });
  }

  /** Lines that do not stand there, where a destination may have taken a part only: a person names the document, not its lines. */
  async #missing(documentKey: string, settlement: Settlement): Promise<ReadonlySet<string> | 'unreadable'> {
    const { database, documents, postings, timers } = this.ledger;
    const [row] = await documents.lock(database, [documentKey]);
    const destination = this.destinations.find(({ id }) => id === row?.destination);
    if (row === undefined || !isOpen(row) || settlement.verdict !== 'booked' || !destination?.capabilities.partialAcceptance)
      return new Set();
    const { budget, capabilities } = destination;
    const read = () => destination.target().readBack([settlement.externalId]);
    const [booked] = await budget.use('look-up', () => withDeadline(timers, 'read', capabilities.requestTimeoutMs, read));
    if (booked === undefined) return 'unreadable';
    const there = new Set(booked.lines.map((line) => line.postingKey));
    const members = (await postings.ofDocuments(database, [documentKey])).filter(({ state }) => isInFlight(state));
    const sent = toFrozenDocument(row, members).lines;
    return new Set(sent.filter((line) => !there.has(line.postingKey)).flatMap(postingKeysOf));
  }

  async #write(
    tx: Tx,
    row: DocumentRow,
    destination: Destination,
    { settlement, missing }: { settlement: Settlement; missing: ReadonlySet<string> },
  ): Promise<void> {
    const write = new WriteOutcome(this.ledger, destination);
    const members = (await this.ledger.postings.ofDocuments(tx, [row.documentKey])).filter(({ state }) => isInFlight(state));
    if (settlement.verdict === 'not-booked')
      return write.returned(tx, { row, members }, { exposed: true, draftId: null, message: 'a person found it not booked' });
    const keys = members.map((member) => member.postingKey);
    const message = 'the destination booked the document without this line';
    const outcome = {
      kind: 'posted' as const,
      externalId: settlement.externalId,
      accepted: keys.filter((key) => !missing.has(key)),
      refused: keys.filter((key) => missing.has(key)).map((postingKey) => ({ postingKey, message })),
    };
    return write.posted(tx, [{ row, members, outcome }]);
  }
}

/** Also one that was taken for later and never acknowledged, once there is a case of it. */
const isOpen = ({ state, unknownWhy }: DocumentRow): boolean =>
  state === 'unknown' || (state === 'queued' && unknownWhy !== null);

const whyNot = (row: DocumentRow, { verdict }: Settlement): string | undefined => {
  if (!isOpen(row)) return `it is ${row.state}; only an unknown document can be settled`;
  if (verdict === 'booked') return undefined;
  if (row.unknownWhy === 'differs')
    return `it stands there as ${row.externalId}, otherwise than sent: mend it there, it is looked at again every minute`;
  // A ticket has been waited for much longer than any request lives.
  if (row.state === 'unknown' && !row.absenceCounts)
    return 'its request may still be under way; say so again when the settle time is over';
  return undefined;
};
