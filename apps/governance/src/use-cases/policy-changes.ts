import type { Clock } from '@tieout/clock';
import { type Instant, UNASSIGNED } from '@tieout/model';
import { appendAudit, type NewAuditRow, type Tx } from '@tieout/persistence';
import type { Bundle } from '../domain/bundle/bundle.js';
import type { Moment } from '../domain/bundle/moment.js';
import { refused, type ChangeRefusal, type Decision } from '../domain/refusal.js';
import type { Governance } from '../app-part.js';
import type { ActivePolicy, Standing } from './active-policy.js';

/** Dates and expiries mean nothing where two clocks differ by more. */
const CLOCKS_AGREE_MS = 60_000;

/** Whether this replica's clock and the database's agree; the refusal if not. */
export const refuseWrongClock = async (
  tx: Tx,
  clock: Clock,
): Promise<{ readonly ok: false; readonly refusal: ChangeRefusal } | undefined> => {
  const [row] = await tx.query<{ now: Instant }>('SELECT clock_timestamp() AS now');
  const apart = clock.epochMs() - Date.parse(row!.now);
  return Math.abs(apart) <= CLOCKS_AGREE_MS
    ? undefined
    : refused(
        'clock-disagrees',
        `The clock of governance and that of its database are ${Math.round(Math.abs(apart) / 1000)} s apart.`,
        'Have both set by NTP; nothing is changed until they agree within a minute.',
      );
};

/** The transaction of one change of policy. */
export interface PolicyChange {
  readonly tx: Tx;
  readonly moment: Moment;
  readonly standing: Standing;
}

/**
 * Changes of policy happen one after the other, over all replicas: each sees the policy that the one before left in force. There are few
 * of them, and what they decide on is one thing.
 */
export class PolicyChanges {
  constructor(
    private readonly governance: Governance,
    private readonly activePolicy: ActivePolicy,
  ) {}

  run<T>(decide: (change: PolicyChange) => Promise<Decision<T>>): Promise<Decision<T>> {
    const { database, clock } = this.governance.runtime;
    return database.transaction(async (tx) => {
      await lockPolicy(tx);
      const wrong = await refuseWrongClock(tx, clock);
      if (wrong) return wrong;
      const standing = await this.activePolicy.standing(tx);
      // The digest that services know it by: another build may read another one in the same text.
      const active = { ...standing.policy, digest: standing.activation.digest };
      const moment = { at: clock.now(), environment: this.governance.runtime.environment, active };
      return decide({ tx, moment, standing });
    });
  }
}

export const lockPolicy = async (tx: Tx): Promise<void> => {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('governance.policy', 0))`);
};

const shown = ({ state, digest, proposal, approvals }: Bundle): object => ({
  state,
  digest,
  ...(proposal && {
    proposedBy: proposal.by,
    parts: proposal.parts,
    effectiveFrom: proposal.effectiveFrom,
    emergencyBy: proposal.emergency?.declaredBy ?? null,
  }),
  approvals: approvals.map(({ actor, role }) => ({ actor, role })),
});

interface BundleTransition {
  readonly action: string;
  /** Absent: it is new. */
  readonly before?: Bundle | undefined;
  readonly after: Bundle;
  readonly reason?: string | undefined;
}

/** One audit row per transition of a bundle, under the policy that was in force when it was decided. */
export const auditBundle = (
  { tx, moment }: Pick<PolicyChange, 'tx' | 'moment'>,
  actor: string,
  { action, before, after, reason }: BundleTransition,
): Promise<void> => {
  const row: NewAuditRow = {
    actor,
    action: `bundle.${action}`,
    subjectKind: 'bundle',
    subjectId: after.bundleId,
    legalEntityId: UNASSIGNED,
    ...(before && { before: shown(before) }),
    after: shown(after),
    policyDigest: moment.active.digest,
    reason,
  };
  return appendAudit(tx, [row], moment.at);
};
