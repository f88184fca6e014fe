import type { Connector, KeyPage, SourceTimeRecord, TimePage, TimeSource } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';

const PAGE = 3;

/** A time system in memory with a change feed, a list of keys and webhooks. */
export class FakePsa {
  /** Every copy that was ever sent, in order: the cursor is a position in it. */
  readonly feed: SourceTimeRecord[] = [];
  readonly keys = new Set<string>();
  fails: { access?: Fault; keys?: Fault } = {};
  /** What the key list says it holds, when that is not the truth. */
  announces: number | undefined;
  /** Keys left out of the next lists, one element per list: what paging by offset does. */
  readonly skips: string[] = [];
  /** What the next pages say beside their records, one element per page. */
  readonly asides: Partial<Pick<TimePage, 'malformed' | 'readWell'>>[] = [];
  /** Turns that began. */
  turns = 0;
  fetchedById: string[] = [];

  send(sourceId: string, fields: Readonly<Record<string, string>>, more: Partial<SourceTimeRecord> = {}): void {
    this.keys.add(sourceId);
    this.feed.push({ sourceId, fields, payload: { id: sourceId, ...fields }, ...more });
  }

  connector(): Connector {
    return {
      manifest: { system: 'fake-psa', title: 'in memory', limits: 'none' },
      parseConfig: () => ({}),
      timeSource: () => this.#source(),
      webhookReceiver: () => ({
        verify: (rawBody, headers) => {
          if (headers['x-signature'] !== 'good') return undefined;
          const body = JSON.parse(rawBody.toString()) as { delivery?: string; ids?: string[] };
          if (body.delivery === undefined) throw new Fault('ContractBroken', 'the body names no delivery');
          return { deliveryId: body.delivery, sourceIds: body.ids ?? [] };
        },
      }),
    };
  }

  #source(): TimeSource {
    return {
      verifyAccess: async () => {
        this.turns++;
        if (this.fails.access) throw this.fails.access;
      },
      fetchPage: async (cursor): Promise<TimePage> => {
        const from = Number(cursor?.['from'] ?? 0);
        const records = this.feed.slice(from, from + PAGE);
        const next = { from: from + records.length };
        return { records, malformed: [], ...this.asides.shift(), next, more: next.from < this.feed.length };
      },
      fetchRecords: async (sourceIds) => {
        this.fetchedById.push(...sourceIds);
        const records = sourceIds.flatMap((id): readonly SourceTimeRecord[] => {
          if (!this.keys.has(id)) return [{ sourceId: id, payload: null, fields: {}, deleted: true }];
          const last = this.feed.findLast((record) => record.sourceId === id);
          return last === undefined ? [] : [last];
        });
        return { records, malformed: [] };
      },
      listKeys: async (): Promise<KeyPage> => {
        if (this.fails.keys) throw this.fails.keys;
        const skipped = this.skips.shift();
        const keys = [...this.keys].filter((key) => key !== skipped);
        return { keys, total: this.announces ?? keys.length, next: {}, more: false };
      },
    };
  }
}
