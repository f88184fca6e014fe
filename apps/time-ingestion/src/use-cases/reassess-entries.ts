import { COMMANDS, type GrantV1 } from '@tieout/contracts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { appendAudit, notify } from '@tieout/persistence';
import { addDays, dateIn, UNASSIGNED } from '@tieout/model';
import { SecondPerson, type ServiceRuntime } from '@tieout/service-kit';
import { ASSESS_CHANNEL, markEntries, markOtherRules } from '../adapters/postgres/entry.store.js';
import { rulesDigestOf } from '../domain/rules-digest.js';

/** How far back a new policy bundle reaches without being asked. */
const POLICY_REACH_DAYS = 92;
/** A second of work for the database at the most: whoever wants one of these rows waits no longer than that. */
const MARKED_AT_ONCE = 5_000;

/** Has entries assessed again: by command, or because the bundle is another one. */
export class ReassessEntries {
  constructor(private readonly runtime: ServiceRuntime) {}

  /** @returns how many entries will be assessed again. @throws Problem where they are so many that a second person must agree */
  run(entryIds: readonly string[], actor: string, grant?: GrantV1): Promise<number> {
    const command = { actor, entryIds, ...(grant !== undefined && { grant }) };
    const { gate } = new SecondPerson(this.runtime).pass('bulk-fix', COMMANDS.reassessEntries, command);
    return this.runtime.database.transaction(async (tx) => {
      // What their hours will cost is what they are assessed for.
      await gate(tx, { lines: entryIds.length, amounts: {} });
      const count = await markEntries(tx, entryIds);
      await appendAudit(
        tx,
        entryIds.map((subjectId) => ({
          actor,
          action: 'entry.reassessment-asked',
          subjectKind: 'time-entry',
          subjectId,
          legalEntityId: UNASSIGNED,
          policyDigest: this.runtime.policy.current().digest,
        })),
        this.runtime.clock.now(),
      );
      await notify(tx, ASSESS_CHANNEL);
      return count;
    });
  }

  /** Marks what was decided under other rules than those of the bundle in force, page by page. @returns how many. */
  async afterPolicyChange(): Promise<number> {
    const { database, policy, clock } = this.runtime;
    const rules = rulesDigestOf(policy.current());
    const since = addDays(dateIn(clock.now(), 'UTC'), -POLICY_REACH_DAYS);
    let count = 0;
    let after: string | undefined;
    do {
      const page = await database.transaction(async (tx) => {
        const found = await markOtherRules(tx, rules, since, { after, limit: MARKED_AT_ONCE });
        if (found.marked > 0) await notify(tx, ASSESS_CHANNEL);
        return found;
      });
      count += page.marked;
      after = page.last;
      await nextTurn();
      // The next one marks by its own rules, from the beginning.
    } while (after !== undefined && rulesDigestOf(policy.current()) === rules);
    return count;
  }
}
