import {
  dimensionsByKind,
  factRows,
  LOADS_PER_PAGE,
  type AnalyticsTarget,
  type BookedDocument,
  type DimensionRow,
  type FoundDocument,
  type LedgerPage,
  type PostingDocument,
  type PostOutcome,
} from '@tieout/connector-kit';
import { ALWAYS } from '@tieout/model';
import { isRefusedContent } from './client/faults.js';
import type { Sessions } from './client/sessions.js';
import { writeDimensions } from './dimensions.js';
import { hasLoad, pageOfLoads, readLoads, writeLoad } from './loads.js';

/** A document is a load: one transaction, upserted by posting key under the document key. */
export class PostgresWarehouse implements AnalyticsTarget {
  constructor(private readonly sessions: Sessions) {}

  async verifyAccess(): Promise<void> {
    await this.sessions.read((session) => session.query('select 1 from load limit 1'));
  }
  async post(document: PostingDocument): Promise<PostOutcome> {
    const facts = factRows(document);
    if ('kind' in facts) return facts;
    try {
      await this.sessions.write((session) => writeLoad(session, document, facts));
    } catch (error) {
      if (!isRefusedContent(error)) throw error;
      return { kind: 'rejected', cause: 'invalid-line', message: (error as Error).message, lines: [] };
    }
    return { kind: 'posted', externalId: document.documentKey };
  }
  async findByReference(documentKey: string): Promise<readonly FoundDocument[]> {
    const found = await this.sessions.read((session) => hasLoad(session, documentKey));
    return found ? [{ externalId: documentKey, state: 'posted' }] : [];
  }
  async readBack(externalIds: readonly string[]): Promise<readonly BookedDocument[]> {
    return this.sessions.read((session) => readLoads(session, externalIds));
  }
  async readLedger(window: { readonly from: string; readonly to: string }, cursor: string | undefined): Promise<LedgerPage> {
    const [postingDate = ALWAYS, key = ''] = cursor?.split(' ') ?? [];
    const documents = await this.sessions.read((session) => pageOfLoads(session, window, { postingDate, key }, LOADS_PER_PAGE));
    const last = documents.at(-1);
    const full = documents.length === LOADS_PER_PAGE && last !== undefined;
    return { documents, ...(full && { next: `${last.postingDate} ${last.externalId}` }) };
  }
  async upsertDimensions(rows: readonly DimensionRow[]): Promise<void> {
    await this.sessions.write(async (session) => {
      for (const [kind, ofKind] of dimensionsByKind(rows)) await writeDimensions(session, kind, ofKind);
    });
  }
}
