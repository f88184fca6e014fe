import { EVENT_TYPES, type PolicyActivatedV1 } from '@tieout/contracts';
import { appendAudit, appendOutbox, type NewEvent, type Tx } from '@tieout/persistence';
import { signed } from '@tieout/signing';
import { addActivation } from '../adapters/postgres/activation.store.js';
import { filesOf, findBundle, putBundle } from '../adapters/postgres/bundle.store.js';
import type { Governance } from '../app-part.js';
import { type Activated, type Activation } from '../domain/bundle/activate.js';
import { stepBundle } from '../domain/bundle/bundle.js';
import { allowed, type Decision } from '../domain/refusal.js';
import type { PolicyFile } from '../domain/bundle/unified-diff.js';
import { type Instant, UNASSIGNED } from '@tieout/model';
import { compileFiles } from './active-policy.js';
import { auditBundle, type PolicyChange } from './policy-changes.js';
import { doesNotCompile } from './propose-bundle.js';

/** What the review of an emergency change is known by in conditions. */
export const reviewItemKey = (environment: string, revision: number): string => `change-review:${environment}:${revision}`;

/**
 * The one that was active is retired, this one is active, everybody is told: in the caller's transaction.
 * @param by "user:<subject>", or the service itself
 * @returns the refusal when this build cannot read the bundle any more; nothing is written then
 */
export const makeActive = async (
  governance: Governance,
  change: PolicyChange,
  activated: Activated,
  by: string,
): Promise<Decision<Activation>> => {
  const { tx, moment, standing } = change;
  const files = await filesOf(tx, activated.bundle.bundleId);
  const compiled = compileFiles(files);
  if (!compiled.ok) return doesNotCompile(compiled.problems);
  const before = await findBundle(tx, activated.bundle.bundleId);
  const outgoing = await findBundle(tx, standing.activation.bundleId);
  const retired = outgoing && stepBundle(outgoing.state, 'retire');
  if (outgoing === undefined || before === undefined || !retired?.ok)
    throw new Error(`the bundle of revision ${standing.activation.revision} is not active`);
  const after = { ...outgoing, state: retired.value };
  await putBundle(tx, after);
  await auditBundle(change, by, {
    action: 'retired',
    before: outgoing,
    after,
    reason: `revision ${standing.activation.revision + 1} took its place`,
  });
  await putBundle(tx, activated.bundle);
  await auditBundle(change, by, { action: 'activated', before, after: activated.bundle, reason: whyOf(activated, by) });
  const recording = {
    activated,
    by,
    files,
    digest: compiled.policy.digest,
    revision: standing.activation.revision + 1,
    at: moment.at,
  };
  return allowed(await recordActivation(tx, governance, recording, change));
};

interface Recording {
  readonly activated: Activated;
  readonly by: string;
  readonly files: readonly PolicyFile[];
  /** As this build reads it in the files: services of the same build will find the same. */
  readonly digest: string;
  readonly revision: number;
  readonly at: Instant;
}

/** The activation itself: row, audit, and the signed message to the services. */
export const recordActivation = async (
  tx: Tx,
  { config, runtime }: Governance,
  { activated, by, files, digest, revision, at }: Recording,
  change: PolicyChange | undefined,
): Promise<Activation> => {
  const { bundle, reviewDueAt, emergency, parts, cause, reason } = activated;
  const { bundleId } = bundle;
  const activation: Activation = {
    revision,
    bundleId,
    digest,
    cause,
    activatedAt: at,
    activatedBy: by,
    reason,
    parts,
    emergency,
    reviewDueAt,
    review: null,
  };
  const statement = {
    environment: runtime.environment,
    revision,
    bundleId,
    digest,
    files: files.map(({ name, text }) => ({ name, text })),
    activatedAt: at,
    activatedBy: by,
  };
  const message: PolicyActivatedV1 = { ...statement, ...signed('policy-activation', statement, config.signingKey) };
  await addActivation(tx, activation, message);
  const before = change?.standing.activation;
  await appendAudit(
    tx,
    [
      {
        actor: by,
        action: cause === 'rollback' ? 'policy.rolled-back' : 'policy.activated',
        subjectKind: 'activation',
        subjectId: String(revision),
        legalEntityId: UNASSIGNED,
        ...(before && { before: { revision: before.revision, bundleId: before.bundleId, digest: before.digest } }),
        after: { revision, bundleId, digest, cause, parts, emergencyBy: emergency?.declaredBy ?? null, reviewDueAt },
        policyDigest: before?.digest ?? digest,
        reason: whyOf(activated, by),
      },
    ],
    at,
  );
  const events: NewEvent[] = [{ type: EVENT_TYPES.policyActivated, scope: [runtime.environment], body: message }];
  if (reviewDueAt !== null) events.push(reviewDue(activation, reviewDueAt, runtime.environment));
  await appendOutbox(tx, 'governance', events, at);
  return activation;
};

/** What people typed may name somebody, and is kept apart by the audit ledger; so nothing typed goes out under the service's name. */
const whyOf = ({ cause, reason, emergency }: Activated, by: string): string | undefined => {
  if (!by.startsWith('user:')) return cause === 'first-start' ? (reason ?? undefined) : 'its date has come';
  return [reason, emergency && `emergency: ${emergency.reason}`].filter((text) => text !== null).join('; ') || undefined;
};

const reviewDue = (activation: Activation, reviewDueAt: Instant, environment: string): NewEvent => ({
  type: EVENT_TYPES.conditionRaised,
  scope: [UNASSIGNED],
  body: {
    itemKey: reviewItemKey(environment, activation.revision),
    raisedBy: 'governance',
    reason: 'CHANGE_REVIEW_DUE',
    subjectKey: `policy-revision:${activation.revision}`,
    legalEntityId: UNASSIGNED,
    detail: `Revision ${activation.revision} of the policy of ${environment} was an emergency change of ${activation.parts.join(', ')}; somebody who had no part in it reviews it by ${reviewDueAt}.`,
    suggestion: `Look at its diff, then POST /policy/activations/${activation.revision}/review with what you found; roll back if it was wrong.`,
    raisedAt: activation.activatedAt,
  },
});
