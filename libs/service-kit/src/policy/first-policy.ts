import type { KeyObject } from 'node:crypto';
import type { PolicyActivatedV1 } from '@tieout/contracts';
import { Database } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import type { ServiceConfig } from '../config.js';
import { compileFolder } from './bundle-folder.js';
import { reopenActivation } from './check-activation.js';
import type { PolicyOrigin } from './policy-holder.js';
import { readPolicy, type StoredPolicy } from './policy.store.js';

/** A bundle that the service may start with. */
export interface FirstPolicy {
  readonly policy: CompiledPolicy;
  readonly origin: PolicyOrigin;
  /** Absent: the bundle of POLICY_DIR. */
  readonly activation?: PolicyActivatedV1;
}

/** A database that is away is not waited for: what it holds is taken when it comes, before any work begins. */
const READ_LIMIT_MS = 5_000;

export const originOf = ({ revision, bundleId, activatedAt }: PolicyActivatedV1): PolicyOrigin => ({
  source: 'governance',
  revision,
  bundleId,
  activatedAt,
});

/**
 * Best first: what was in force at the last stop, what was before it, the bundle of POLICY_DIR. Read as they are asked for.
 * @throws BootProblem when the last of them does not compile.
 */
export async function* firstPolicies(config: ServiceConfig, keys: readonly KeyObject[]): AsyncGenerator<FirstPolicy> {
  const stored = keys.length === 0 ? undefined : await storedPolicy(config);
  for (const activation of [stored?.activation, stored?.previous]) {
    if (!activation) continue;
    const verdict = reopenActivation(activation, { environment: config.environment, keys });
    if (verdict.verdict === 'take') yield { policy: verdict.policy, origin: originOf(activation), activation };
  }
  yield { policy: compileFolder(config.policyDir), origin: { source: 'folder' } };
}

async function storedPolicy({ databaseUrl, environment }: ServiceConfig): Promise<StoredPolicy | undefined> {
  const database = new Database({ url: databaseUrl, poolSize: 1, statementTimeoutMs: READ_LIMIT_MS, applicationName: 'policy' });
  try {
    return await readPolicy(database, environment);
  } catch {
    // Away, or its migrations are not applied yet.
    return undefined;
  } finally {
    await database.close();
  }
}
