import { Fault, UNASSIGNED } from '@tieout/model';
import { appendAudit } from '@tieout/persistence';
import { readBundleTexts } from '@tieout/service-kit';
import { v7 } from 'uuid';
import { latestActivation } from '../adapters/postgres/activation.store.js';
import { addBundle } from '../adapters/postgres/bundle.store.js';
import type { Governance } from '../app-part.js';
import type { Bundle } from '../domain/bundle/bundle.js';
import { compileFiles } from './active-policy.js';
import { recordActivation } from './make-active.js';
import { lockPolicy, refuseWrongClock } from './policy-changes.js';

/**
 * A database without a policy takes the bundle of POLICY_DIR as revision 1. From then on the folder counts no more: what is in force
 * changes only by proposal and approval.
 * @throws Fault Unavailable when the clocks disagree; Error when the database belongs to another environment
 */
export const takeFirstBundle = async (governance: Governance): Promise<void> => {
  const { runtime, config } = governance;
  const { database, clock, name, logger } = runtime;
  await database.transaction(async (tx) => {
    await lockPolicy(tx);
    const latest = await latestActivation(tx);
    if (latest !== undefined && latest.environment !== runtime.environment)
      throw new Error(
        `this database holds the policy of the environment "${latest.environment}", and ENVIRONMENT is "${runtime.environment}": give each environment a database of its own`,
      );
    if (latest !== undefined) return;
    const wrong = await refuseWrongClock(tx, clock);
    if (wrong) throw new Fault('Unavailable', `${wrong.refusal.detail} ${wrong.refusal.whatToDo}`);
    const files = Object.entries(readBundleTexts(config.policyDir)).map(([file, text]) => ({ name: file, text }));
    const compiled = compileFiles(files);
    if (!compiled.ok) throw new Error(`the bundle in ${config.policyDir} does not compile`);
    const by = `service:${name}`;
    const at = clock.now();
    const bundle: Bundle = {
      bundleId: v7(),
      digest: compiled.policy.digest,
      state: 'active',
      author: by,
      earlierAuthors: [],
      promotedFrom: null,
      createdAt: at,
      proposal: null,
      approvals: [],
      closing: null,
    };
    await addBundle(tx, bundle, files);
    const reason = 'first start: the bundle of POLICY_DIR';
    const { bundleId, digest } = bundle;
    await appendAudit(
      tx,
      [
        {
          actor: by,
          action: 'bundle.imported',
          subjectKind: 'bundle',
          subjectId: bundleId,
          legalEntityId: UNASSIGNED,
          after: { state: bundle.state, digest },
          policyDigest: compiled.policy.digest,
          reason,
        },
      ],
      at,
    );
    const activated = { bundle, cause: 'first-start' as const, reason, parts: [], emergency: null, reviewDueAt: null };
    await recordActivation(tx, governance, { activated, by, files, digest: compiled.policy.digest, revision: 1, at }, undefined);
    logger.info({ digest }, 'first start: the bundle of POLICY_DIR is active as revision 1');
  });
};
