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
import type { WarehouseFolder } from './client/warehouse-folder.js';
import { writeDimensions } from './dimensions.js';
import { layOut, VIEWS_FILE } from './layout.js';
import { findLoads, loadsAfter, readLoad, writeLoad } from './loads.js';

/** A document is a load, and a load is a file. */
export class ParquetWarehouse implements AnalyticsTarget {
  constructor(private readonly folder: WarehouseFolder) {}

  async verifyAccess(): Promise<void> {
    await this.folder.mustExist();
    await layOut(this.folder);
  }
  async post(document: PostingDocument): Promise<PostOutcome> {
    const facts = factRows(document);
    if ('kind' in facts) return facts;
    await this.#laidOut();
    return { kind: 'posted', externalId: await writeLoad(this.folder, document, facts) };
  }
  async findByReference(documentKey: string): Promise<readonly FoundDocument[]> {
    return (await findLoads(this.folder, documentKey)).map((externalId) => ({ externalId, state: 'posted' }));
  }
  async readBack(externalIds: readonly string[]): Promise<readonly BookedDocument[]> {
    await this.folder.mustExist();
    const documents: BookedDocument[] = [];
    for (const id of externalIds) {
      const document = await readLoad(this.folder, id);
      if (document) documents.push(document);
    }
    return documents;
  }
  async readLedger(window: { readonly from: string; readonly to: string }, cursor: string | undefined): Promise<LedgerPage> {
    const documents: BookedDocument[] = [];
    for (const id of await loadsAfter(this.folder, cursor ?? '')) {
      if (documents.length === LOADS_PER_PAGE) return { documents, next: documents.at(-1)!.externalId };
      const document = await readLoad(this.folder, id);
      const date = document?.postingDate ?? '';
      if (document && date >= window.from && date <= window.to) documents.push(document);
    }
    return { documents };
  }
  async upsertDimensions(rows: readonly DimensionRow[]): Promise<void> {
    await this.#laidOut();
    for (const [kind, ofKind] of dimensionsByKind(rows)) await writeDimensions(this.folder, kind, ofKind);
  }

  /** Also when the folder was emptied under us. */
  async #laidOut(): Promise<void> {
    await this.folder.mustExist();
    if (!(await this.folder.has(VIEWS_FILE))) await layOut(this.folder);
  }
}
