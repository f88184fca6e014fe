import { appendAudit, notify } from '@tieout/persistence';
import { addDays, dateIn, UNASSIGNED } from '@tieout/model';
import type { ServiceRuntime } from '@tieout/service-kit';
import { ASSESS_CHANNEL, markEntries, markOtherDigest } from '../adapters/postgres/entry.store.js';

/** How far back a new policy bundle reaches without being asked. */
const POLICY_REACH_DAYS = 92;

/** Has entries assessed again: by command, or because the bundle is another one. */
export class ReassessEntries {
  constructor(private readonly runtime: ServiceRuntime) {}

  /** @returns how many entries will be assessed again. */
  run(entryIds: readonly string[], actor: string): Promise<number> {
    return this.runtime.database.transaction(async (tx) => {
      const count = await markEntries(tx, entryIds);
      await appendAudit(
        tx,
        entryIds.map((subjectId) => ({
          actor,
          action: 'entry.reassessment-asked',
          subjectKind: 'time-entry',
          subjectId,
          legalEntityId: UNASSIGNED,
        })),
        this.runtime.clock.now(),
      );
      await notify(tx, ASSESS_CHANNEL);
      return count;
    });
  }

  async afterPolicyChange(): Promise<number> {
    const { database, policy, clock } = this.runtime;
    return markOtherDigest(database, policy.current().digest, addDays(dateIn(clock.now(), 'UTC'), -POLICY_REACH_DAYS));
  }
}
