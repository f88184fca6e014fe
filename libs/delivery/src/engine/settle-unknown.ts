import type { Tx } from '@tieout/persistence';
import type { Destination } from './destination.js';
import { tell } from './ledger.js';
import type { Ledger } from './ports.js';
import type { DocumentRow } from './rows.js';
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

  async settle(documentKey: string, settlement: Settlement, actor: string): Promise<SettleAnswer> {
    return this.ledger.database.transaction(async (tx) => {
      const [row] = await this.ledger.documents.lock(tx, [documentKey]);
      const destination = this.destinations.find(({ id }) => id === row?.destination);
      if (row === undefined || destination === undefined) return { settled: false, why: 'there is no such document' };
      if (row.state !== 'unknown') return { settled: false, why: `it is ${row.state}; only an unknown document can be settled` };
      if (settlement.verdict === 'not-booked' && !row.absenceCounts)
        return { settled: false, why: 'its request may still be under way; say so again when the settle time is over' };
      await this.#write(tx, row, destination, settlement);
      await tell(tx, this.ledger, {
        audit: [
          {
            actor,
            action: 'document.settled',
            subjectKind: 'document',
            subjectId: documentKey,
            legalEntityId: row.legalEntityId,
            before: { state: 'unknown', why: row.unknownWhy },
            after: settlement,
          },
        ],
        events: [],
      });
      return { settled: true };
    });
  }

  async #write(tx: Tx, row: DocumentRow, destination: Destination, settlement: Settlement): Promise<void> {
    const write = new WriteOutcome(this.ledger, destination);
    const members = (await this.ledger.postings.ofDocuments(tx, [row.documentKey])).filter(
      (member) => member.state === 'unknown',
    );
    if (settlement.verdict === 'not-booked')
      return write.returned(tx, { row, members }, { exposed: true, draftId: null, message: 'a person found it not booked' });
    const accepted = members.map((member) => member.postingKey);
    const outcome = { kind: 'posted' as const, externalId: settlement.externalId, accepted, refused: [] };
    return write.posted(tx, [{ row, members, outcome }]);
  }
}
