import type { KeyObject } from 'node:crypto';
import type { PolicyActivatedV1 } from '@tieout/contracts';
import { compilePolicy, type CompiledPolicy } from '@tieout/policy';
import { isSignedBy } from '@tieout/signing';

/** By how much the clocks of governance and of this service may disagree. */
export const CLOCKS_AGREE_MS = 300_000;

export type ActivationVerdict =
  | { readonly verdict: 'take'; readonly policy: CompiledPolicy }
  /** It is the one in force. */
  | { readonly verdict: 'in-force' }
  /** A later one is in force. */
  | { readonly verdict: 'older' }
  | { readonly verdict: 'refused'; readonly why: string };

export interface ActivationQuestion {
  readonly environment: string;
  readonly keys: readonly KeyObject[];
  /** The last one that was taken. */
  readonly inForce: Pick<PolicyActivatedV1, 'revision' | 'digest'> | undefined;
  readonly nowMs: number;
}

export const activationName = ({ environment, revision }: PolicyActivatedV1): string =>
  `revision ${revision} of the policy of ${environment}`;

const refused = (activation: PolicyActivatedV1, why: string): ActivationVerdict => ({
  verdict: 'refused',
  why: `${activationName(activation)}: ${why}`,
});

/** Whether governance signed exactly this. */
export const isGovernances = ({ keyId, signature, ...statement }: PolicyActivatedV1, keys: readonly KeyObject[]): boolean =>
  isSignedBy('policy-activation', statement, { keyId, signature }, keys);

/** What to do with an activation. Pure: compiles, asks nobody. */
export const checkActivation = (activation: PolicyActivatedV1, question: ActivationQuestion): ActivationVerdict => {
  const { environment, keys, inForce, nowMs } = question;
  if (!isGovernances(activation, keys))
    return refused(
      activation,
      `it is not signed by a key of governance that this service knows (key ${activation.keyId}); find out who published it, or add the key to GOVERNANCE_PUBLIC_KEYS`,
    );
  if (activation.environment !== environment)
    return refused(
      activation,
      `this service belongs to the environment ${environment}; compare ENVIRONMENT here and at governance`,
    );
  if (inForce !== undefined && activation.revision < inForce.revision) return { verdict: 'older' };
  if (inForce?.revision === activation.revision)
    return inForce.digest === activation.digest
      ? { verdict: 'in-force' }
      : refused(activation, 'another bundle came under the same revision before; activate it anew');
  const aheadMs = Date.parse(activation.activatedAt) - nowMs;
  if (aheadMs > CLOCKS_AGREE_MS)
    return refused(
      activation,
      `it was activated at ${activation.activatedAt}, which by this service's clock is more than five minutes from now; put the clocks right, then it is taken`,
    );
  return withItsDigest(activation, compiled(activation));
};

/**
 * What was in force before a restart. It was checked when it was taken: only that nobody changed it since, and that this build compiles it.
 * Another build may read another digest in the same text, which is no reason to go back to the bundle of POLICY_DIR.
 */
export const reopenActivation = (
  activation: PolicyActivatedV1,
  { environment, keys }: Pick<ActivationQuestion, 'environment' | 'keys'>,
): ActivationVerdict =>
  activation.environment === environment && isGovernances(activation, keys)
    ? compiled(activation)
    : refused(
        activation,
        'what this service kept of it is not signed by a key of governance that it knows; compare GOVERNANCE_PUBLIC_KEYS',
      );

const compiled = (activation: PolicyActivatedV1): ActivationVerdict => {
  const result = compilePolicy(Object.fromEntries(activation.files.map(({ name, text }) => [name, text])));
  if (result.ok) return { verdict: 'take', policy: result.policy };
  const [first] = result.problems;
  const where = first ? `${first.file}:${first.line}:${first.column}: ${first.message} -> ${first.fix}` : '';
  const more = result.problems.length > 1 ? ` (and ${result.problems.length - 1} more)` : '';
  return refused(
    activation,
    `this build cannot compile it: ${where}${more}; deploy a build that can, or activate another bundle`,
  );
};

const withItsDigest = (activation: PolicyActivatedV1, verdict: ActivationVerdict): ActivationVerdict =>
  verdict.verdict !== 'take' || verdict.policy.digest === activation.digest
    ? verdict
    : refused(
        activation,
        `this build reads the digest ${verdict.policy.digest.slice(0, 12)} in it, governance ${activation.digest.slice(0, 12)}; deploy both from one build, or activate the bundle anew`,
      );
