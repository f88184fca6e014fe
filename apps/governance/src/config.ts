import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BootProblem, type ServiceRuntime } from '@tieout/service-kit';
import { readPrivateKey, readPublicKeys } from '@tieout/signing';

export interface GovernanceConfig {
  /** Signs activations, overrides, grants and audit checkpoints: whoever has it may tell services what to do. */
  readonly signingKey: KeyObject;
  /** The bundle that a database without a policy begins with. */
  readonly policyDir: string;
  /** Where signed audit checkpoints are kept: a folder that whoever runs the databases cannot write to. */
  readonly checkpointDir: string;
  /** The environment before this one. Set: nothing is proposed here that was not active there. */
  readonly promotesFrom: PromotionSource | undefined;
}

export interface PromotionSource {
  readonly environment: string;
  /** Public keys of that environment's governance. */
  readonly keys: readonly KeyObject[];
}

type Env = ServiceRuntime['env'];

/** @throws BootProblem that names every variable that is wrong, and never shows a key. */
export const readGovernanceConfig = (env: Env): GovernanceConfig => {
  const problems: string[] = [];
  const keyFrom = <T>(name: string, what: string, read: (pem: string) => T): T | undefined => {
    const path = textOf(env, name);
    if (path === undefined) {
      problems.push(`${name} is missing: expected the path of ${what}`);
      return undefined;
    }
    try {
      return read(readFileSync(path, 'utf8'));
    } catch (error) {
      problems.push(`${name} is ${JSON.stringify(path)}: ${(error as Error).message}; expected the path of ${what}`);
      return undefined;
    }
  };
  const signingKey = keyFrom('SIGNING_KEY_FILE', 'an Ed25519 private key in PEM (PKCS #8)', readPrivateKey);
  const checkpointDir = textOf(env, 'CHECKPOINT_DIR');
  if (checkpointDir === undefined)
    problems.push('CHECKPOINT_DIR is missing: expected the folder for signed audit checkpoints, away from the databases');
  const before = textOf(env, 'PROMOTES_FROM');
  const keys =
    before === undefined ? undefined : keyFrom('PROMOTION_KEYS', `the public keys of ${before} in PEM`, readPublicKeys);
  if (problems.length > 0 || signingKey === undefined || checkpointDir === undefined) throw new BootProblem(problems);
  return {
    signingKey,
    checkpointDir,
    policyDir: textOf(env, 'POLICY_DIR') ?? '',
    promotesFrom: before === undefined || keys === undefined ? undefined : { environment: before, keys },
  };
};

/** Set but empty is how shells and charts spell "not set". */
const textOf = (env: Env, name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
