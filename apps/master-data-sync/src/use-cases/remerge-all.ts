import type { Clock } from '@tieout/clock';
import { MASTER_KINDS } from '@tieout/model';
import type { Database } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { SourceRecordStore } from '../adapters/postgres/source-record.store.js';
import { SyncStateStore } from '../adapters/postgres/sync-state.store.js';
import { MergeCodes } from './merge-codes.js';

const CHUNK = 1000;

/**
 * When policy names other systems of record, every object may have another owner; and when a day begins, other values may count: who
 * changes the legal entity today belongs to another's owners, and what was to differ from today on is drift now. So everything is merged
 * again, from what is stored.
 */
export class RemergeAll {
  constructor(
    private readonly database: Database,
    private readonly records: SourceRecordStore,
    private readonly states: SyncStateStore,
    private readonly merges: MergeCodes,
    private readonly clock: Clock,
  ) {}

  /** Nothing when this policy was merged on this day before. Safe to break off and to run twice at once: merging again changes nothing. */
  async run(policy: CompiledPolicy): Promise<void> {
    const today = this.clock.now().slice(0, 10);
    const last = await this.states.mergedPolicy(this.database);
    if (last?.digest === policy.digest && last.mergedAt.slice(0, 10) >= today) return;
    for (const kind of MASTER_KINDS) {
      let after = '';
      for (;;) {
        const codes = await this.records.codesAfter(this.database, kind, after, CHUNK);
        if (codes.length === 0) break;
        await this.database.transaction((tx) => this.merges.merge(tx, kind, codes, policy));
        after = codes.at(-1)!;
      }
    }
    await this.states.saveMergedPolicy(this.database, policy.digest, this.clock.now());
  }
}
