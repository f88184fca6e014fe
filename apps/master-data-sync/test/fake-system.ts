import type { Connector, Cursor, MasterDataSource, MasterPage, SourceMasterRecord } from '@tieout/connector-kit';
import { ALWAYS, type MasterKind, type TimelineSegment } from '@tieout/model';

/** A system of record in memory, read in pages. */
export class FakeSystem {
  pageSize = 2;
  readonly records = new Map<string, SourceMasterRecord>();
  malformed: string[] = [];
  /** Thrown by the next reads, where set; `page` by every page but the first. */
  fails: { access?: Error; page?: Error } = {};
  /** How many read at once, at most. */
  mostAtOnce = 0;
  #reading = 0;

  put(
    kind: MasterKind,
    externalId: string,
    code: string,
    attributes: Record<string, string> | readonly TimelineSegment[] = {},
  ): this {
    const timeline = Array.isArray(attributes)
      ? (attributes as TimelineSegment[])
      : [{ validFrom: ALWAYS, attributes: { code, ...(attributes as Record<string, string>) } }];
    this.records.set(`${kind}/${externalId}`, { kind, externalId, code, timeline });
    return this;
  }
  remove(kind: MasterKind, externalId: string): this {
    this.records.delete(`${kind}/${externalId}`);
    return this;
  }

  connector(system: string, kinds: readonly MasterKind[]): Connector {
    return {
      manifest: { system, title: system, masterData: { kinds }, limits: '' },
      parseConfig: () => ({}),
      masterDataSource: () => this.#source(kinds),
    };
  }

  #source(kinds: readonly MasterKind[]): MasterDataSource {
    return {
      kinds,
      verifyAccess: async () => {
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#reading);
        // Long enough for another replica to come in, were it let in.
        await new Promise((resolve) => setTimeout(resolve, 50));
        this.#reading--;
        if (this.fails.access) throw this.fails.access;
      },
      fetchPage: async (kind: MasterKind, cursor: Cursor | null): Promise<MasterPage> => {
        const from = Number(cursor?.['from'] ?? 0);
        if (from > 0 && this.fails.page) throw this.fails.page;
        const all = [...this.records.values()].filter((record) => record.kind === kind);
        const malformed =
          from === 0 && kind === 'worker'
            ? this.malformed.map((externalId) => ({ kind, externalId, why: 'legalEntity is missing' }))
            : [];
        const to = from + this.pageSize;
        const records = all.slice(from, to).filter(({ externalId }) => !this.malformed.includes(externalId));
        return { records, malformed, next: { from: to }, more: to < all.length || this.fails.page !== undefined };
      },
    };
  }
}
