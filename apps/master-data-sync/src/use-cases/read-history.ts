import type { MasterKind, MasterObject } from '@tieout/model';
import type { Database } from '@tieout/persistence';
import { HistoryStore, type Revision } from '../adapters/postgres/history.store.js';
import { MergeDecisionStore, type MergeDecision } from '../adapters/postgres/merge-decision.store.js';
import { ObjectStore } from '../adapters/postgres/object.store.js';
import { SourceRecordStore } from '../adapters/postgres/source-record.store.js';
import type { SourceRecord } from '../domain/merge-records.js';

export interface ObjectHistory {
  readonly object: MasterObject;
  /** What each system says, believed or not. */
  readonly sources: readonly SourceRecord[];
  /** What people decided about it, newest first. */
  readonly merges: readonly MergeDecision[];
  /** Newest first, at most 200. */
  readonly revisions: readonly Revision[];
}

/** How an object was over time, who says so, and how it became what it is. */
export class ReadHistory {
  readonly #history = new HistoryStore();
  constructor(
    private readonly database: Database,
    private readonly objects: ObjectStore,
    private readonly records: SourceRecordStore,
    private readonly decisions: MergeDecisionStore,
  ) {}

  /** By the code that it has, or had last. */
  async of(kind: MasterKind, code: string): Promise<ObjectHistory | undefined> {
    const holders = await this.objects.holders(this.database, [{ kind, code }]);
    const object =
      holders.find((one) => one.code === code) ??
      holders
        .filter(({ formerCodes }) => formerCodes?.some((former) => former.code === code))
        .sort((a, b) => (lastDay(a, code) < lastDay(b, code) ? 1 : -1))[0];
    if (object === undefined) return undefined;
    return {
      object,
      sources: await this.records.byCodes(this.database, kind, [object.code]),
      merges: await this.decisions.ofObject(this.database, object.id),
      revisions: await this.#history.revisions(this.database, kind, object.id),
    };
  }
}

const lastDay = ({ formerCodes = [] }: MasterObject, code: string): string =>
  formerCodes.find((former) => former.code === code)?.until ?? '';
