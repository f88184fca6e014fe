import type { BookedDocument, FoundDocument, LedgerPage } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { SandboxClient } from '../client/sandbox-client.js';
import { objectsAt, optionalText, textAt, type JsonObject } from '../client/shape.js';
import { IDS_PER_READ } from './erp-config.js';
import { toBookedDocument } from './journal-mapping.js';

type Query = Readonly<Record<string, string | undefined>>;

/**
 * Reads journals. The ERP has been seen to ignore filters and paging, so every answer is filtered again here, and a page that comes
 * back to itself is a fault: what was not found then is not proven to be absent.
 */
export class JournalBooks {
  constructor(
    private readonly client: SandboxClient,
    private readonly pageSize: number,
  ) {}

  async verifyAccess(): Promise<void> {
    await this.client.readPresent('/status');
  }
  /** What waits in the ERP's queue is neither there nor absent: a draft. */
  async findByReference(documentKey: string): Promise<readonly FoundDocument[]> {
    const found = new Map<string, FoundDocument>();
    for await (const item of this.#items({ reference: documentKey })) {
      if (optionalText(item, 'reference') !== documentKey) continue;
      const externalId = optionalText(item, 'journalNo') ?? textAt(item, 'ticket', 'journal');
      found.set(externalId, { externalId, state: item['state'] === 'posted' ? 'posted' : 'draft' });
    }
    return [...found.values()];
  }
  async readBack(externalIds: readonly string[]): Promise<readonly BookedDocument[]> {
    const documents: BookedDocument[] = [];
    for (let at = 0; at < externalIds.length; at += IDS_PER_READ) {
      const missing = new Set(externalIds.slice(at, at + IDS_PER_READ));
      for await (const item of this.#items({ ids: [...missing].join(','), lines: 'figures' })) {
        if (missing.delete(optionalText(item, 'journalNo') ?? '')) documents.push(toBookedDocument(item));
        if (missing.size === 0) break;
      }
    }
    return documents;
  }
  async readLedger(window: { readonly from: string; readonly to: string }, cursor: string | undefined): Promise<LedgerPage> {
    const { items, next } = await this.#page({ ...window, after: cursor, limit: String(this.pageSize) });
    const documents = items
      .map(toBookedDocument)
      .filter(({ postingDate = '' }) => postingDate >= window.from && postingDate <= window.to);
    return { documents, ...(next !== undefined && { next }) };
  }

  async *#items(query: Query): AsyncGenerator<JsonObject> {
    let after: string | undefined;
    do {
      const { items, next } = await this.#page({ ...query, after });
      yield* items;
      after = next;
    } while (after !== undefined);
  }
  async #page(query: Query): Promise<{ readonly items: readonly JsonObject[]; readonly next: string | undefined }> {
    const body = await this.client.readPresent('/journals', query);
    const next = optionalText(body, 'next');
    if (next !== undefined && next === query['after'])
      throw new Fault('ContractBroken', 'GET /journals: the next page is the same page');
    return { items: objectsAt(body, 'items', 'journals'), next };
  }
}
