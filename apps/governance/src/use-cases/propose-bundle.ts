import type { BundlePart, CompiledPolicy, PolicyProblem } from '@tieout/policy';
import { v7 } from 'uuid';
import type { Governance } from '../app-part.js';
import { addBundle, filesOf, findBundle, openWithDigest, putBundle } from '../adapters/postgres/bundle.store.js';
import type { Bundle } from '../domain/bundle/bundle.js';
import { propose, type ProposalRequest } from '../domain/bundle/propose.js';
import type { PolicyFile } from '../domain/bundle/unified-diff.js';
import type { Person } from '../domain/person.js';
import { allowed, refused, type ChangeRefusal, type Decision } from '../domain/refusal.js';
import { compileFiles } from './active-policy.js';
import { auditBundle, type PolicyChange, type PolicyChanges } from './policy-changes.js';

export interface Drafted {
  readonly bundle: Bundle;
  readonly problems: readonly PolicyProblem[];
}

export const noSuchBundle = (bundleId: string): { readonly ok: false; readonly refusal: ChangeRefusal } =>
  refused('no-such-bundle', `No bundle has the id ${bundleId}.`, 'Look for it with GET /policy/bundles.');

/** Drafts and proposals. A draft may still have mistakes; a proposal has none. */
export class ProposeBundle {
  constructor(
    private readonly governance: Governance,
    private readonly changes: PolicyChanges,
  ) {}

  draft(person: Person, files: readonly PolicyFile[]): Promise<Decision<Drafted>> {
    return this.changes.run(async (change) => {
      const compiled = compileFiles(files);
      const bundle: Bundle = {
        bundleId: v7(),
        digest: compiled.ok ? compiled.policy.digest : null,
        state: 'draft',
        author: person.actor,
        earlierAuthors: [],
        promotedFrom: null,
        createdAt: change.moment.at,
        proposal: null,
        approvals: [],
        closing: null,
      };
      await addBundle(change.tx, bundle, files);
      await auditBundle(change, person.actor, { action: 'drafted', after: bundle });
      return allowed({ bundle, problems: compiled.ok ? [] : compiled.problems });
    });
  }

  propose(person: Person, bundleId: string, request: ProposalRequest): Promise<Decision<Bundle>> {
    return this.changes.run(async (change) => {
      const bundle = await findBundle(change.tx, bundleId);
      if (bundle === undefined) return noSuchBundle(bundleId);
      const from = this.governance.config.promotesFrom?.environment;
      if (from !== undefined)
        return refused(
          'promotion-needed',
          `Here only bundles are proposed that were approved and active in ${from}.`,
          `Propose it in ${from}; once it is active there, fetch GET /policy/promotions/<digest> and send it to POST /policy/promotions here.`,
        );
      const compiled = compileFiles(await filesOf(change.tx, bundleId));
      if (!compiled.ok) return doesNotCompile(compiled.problems);
      const proposed = await decideProposal(change, bundle, compiled.policy, person, request);
      if (!proposed.ok) return proposed;
      await putBundle(change.tx, proposed.value);
      await auditBundle(change, person.actor, { action: 'proposed', before: bundle, after: proposed.value, reason: request.why });
      return proposed;
    });
  }
}

/** By the policy in force, and not while the same content is on its way already. */
export const decideProposal = async (
  { tx, moment, standing }: PolicyChange,
  bundle: Bundle,
  policy: CompiledPolicy,
  person: Person,
  request: ProposalRequest,
): Promise<Decision<Bundle>> => {
  const parts: readonly BundlePart[] = standing.policy.changedParts(policy);
  const proposed = propose({ ...bundle, digest: policy.digest }, parts, person, request, moment);
  if (!proposed.ok) return proposed;
  const same = await openWithDigest(tx, policy.digest);
  return same === undefined
    ? proposed
    : refused(
        'already-proposed',
        `The bundle ${same} has the same content and is on its way.`,
        'Approve that one, or withdraw it first.',
      );
};

/** Line and fix of everything that is wrong. */
export const doesNotCompile = (problems: readonly PolicyProblem[]): { readonly ok: false; readonly refusal: ChangeRefusal } => ({
  ok: false,
  refusal: {
    code: 'does-not-compile',
    detail: `${problems.length === 1 ? 'One thing is' : `${problems.length} things are`} wrong with it.`,
    whatToDo: 'Mend what "errors" names in a new draft; POST /policy/lint checks without storing.',
    errors: problems.map(({ file, line, column, message, fix }) => ({
      where: `${file}:${line}:${column}`,
      why: `${message} -> ${fix}`,
    })),
  },
});
