import { durationMs, UNASSIGNED } from '@tieout/model';
import { appendAudit } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { removeSourceContent } from '../adapters/postgres/retention.store.js';

/** Short transactions: nobody waits for it. */
const BATCH = 1_000;

/** Removes what sources sent once it is older than policy keeps it. Entries, versions and verdicts stay, and so do hashes and keys. */
export class RemoveSourceContent {
  constructor(private readonly runtime: ServiceRuntime) {}

  run(): Promise<'more' | 'idle'> {
    const { database, policy, clock, name } = this.runtime;
    const { digest, retention } = policy.current();
    const { sourceRecords: keptFor } = retention;
    if (keptFor === undefined) return Promise.resolve('idle');
    const now = clock.now();
    const before = new Date(clock.epochMs() - durationMs(keptFor)).toISOString();
    return database.transaction(async (tx) => {
      const removed = await removeSourceContent(tx, before, now, BATCH);
      if (removed.records + removed.refused === 0) return 'idle';
      const row = {
        actor: `service:${name}`,
        action: 'source-record.content-removed',
        subjectKind: 'retention',
        subjectId: 'source-records',
        legalEntityId: UNASSIGNED,
        after: { ...removed, receivedBefore: before },
        policyDigest: digest,
        reason: `retention.yaml: sourceRecords ${keptFor}`,
      };
      await appendAudit(tx, [row], now);
      return removed.records === BATCH || removed.refused === BATCH ? 'more' : 'idle';
    });
  }
}
