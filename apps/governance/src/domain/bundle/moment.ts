import type { Instant } from '@tieout/model';
import type { BundlePart, CompiledPolicy } from '@tieout/policy';
import { refused, type ChangeRefusal } from '../refusal.js';

/** What the active policy says about changing policy. A proposal is judged by it, never by itself. */
export type PolicyInForce = Pick<CompiledPolicy, 'digest' | 'approvals' | 'changeAllowed'>;

/** When and where a decision is made. */
export interface Moment {
  readonly at: Instant;
  readonly environment: string;
  readonly active: PolicyInForce;
}

type Change = 'activation' | 'promotion';

/** Why the change calendar says no just now; undefined: it does not. */
export const frozen = (
  { at, environment, active }: Moment,
  change: Change,
  parts: readonly BundlePart[],
): { readonly ok: false; readonly refusal: ChangeRefusal } | undefined => {
  const changes = parts.includes('mappings') ? ([change, 'mapping'] as const) : ([change] as const);
  for (const one of changes) {
    const answer = active.changeAllowed({ change: one, at, environment });
    if (answer.allowed) continue;
    const until = answer.opensAt === undefined ? 'No end of it is planned.' : `It ends at ${answer.opensAt}.`;
    return refused(
      'change-frozen',
      `${answer.why} ${until}`,
      'Wait for its end, or declare an emergency with its reason; somebody else must then review the change afterwards.',
    );
  }
  return undefined;
};
