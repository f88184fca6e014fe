import type { BundlePart } from '@tieout/policy';
import { findActivation, listActivations } from '../adapters/postgres/activation.store.js';
import { filesOf, findBundle, listBundles } from '../adapters/postgres/bundle.store.js';
import type { Governance } from '../app-part.js';
import { approvalsMissing, type NeededApproval } from '../domain/approving.js';
import type { Activation } from '../domain/bundle/activate.js';
import type { Bundle } from '../domain/bundle/bundle.js';
import { unifiedDiff, type PolicyFile } from '../domain/bundle/unified-diff.js';
import { allowed, refused, type Decision } from '../domain/refusal.js';
import { compileFiles, type ActivePolicy, type Standing } from './active-policy.js';
import { noSuchBundle } from './propose-bundle.js';

/** A bundle as people look at it: with what it still needs under the policy in force. */
export interface ShownBundle extends Bundle {
  readonly needed: readonly NeededApproval[];
  readonly missing: readonly NeededApproval[];
  /** Another policy came into force since it was proposed. */
  readonly overtaken: boolean;
}

export interface LintResult {
  readonly ok: boolean;
  readonly digest: string | null;
  readonly problems: readonly object[];
  /** What it would change in the policy in force, and who would have to approve that. */
  readonly parts: readonly BundlePart[];
  readonly needed: readonly NeededApproval[];
}

const OPEN = ['proposed', 'approved'];

/** Answers about bundles and what is in force; changes nothing. */
export class LookAtPolicy {
  constructor(
    private readonly governance: Governance,
    private readonly activePolicy: ActivePolicy,
  ) {}

  async list(filter: { readonly state?: string | undefined; readonly limit: number }): Promise<ShownBundle[]> {
    const { database } = this.governance.runtime;
    const standing = await this.activePolicy.standing(database);
    return (await listBundles(database, filter)).map((bundle) => shown(bundle, standing));
  }

  async one(bundleId: string): Promise<Decision<ShownBundle & { readonly files: readonly PolicyFile[] }>> {
    const { database } = this.governance.runtime;
    const bundle = await findBundle(database, bundleId);
    if (bundle === undefined) return noSuchBundle(bundleId);
    const standing = await this.activePolicy.standing(database);
    return allowed({ ...shown(bundle, standing), files: await filesOf(database, bundleId) });
  }

  async shown(bundle: Bundle): Promise<ShownBundle> {
    return shown(bundle, await this.activePolicy.standing(this.governance.runtime.database));
  }

  /** From the other one to this one. @param against absent: the one in force */
  async diff(bundleId: string, against: string | undefined) {
    const { database } = this.governance.runtime;
    const standing = await this.activePolicy.standing(database);
    const other = against ?? standing.activation.bundleId;
    for (const id of [bundleId, other]) if ((await findBundle(database, id)) === undefined) return noSuchBundle(id);
    const [before, after] = [await filesOf(database, other), await filesOf(database, bundleId)];
    const [old, now] = [compileFiles(before), compileFiles(after)];
    return allowed({
      bundleId,
      against: other,
      /** Null where one of the two does not compile. */
      parts: old.ok && now.ok ? old.policy.changedParts(now.policy) : null,
      files: unifiedDiff(before, after),
    });
  }

  async lint(files: readonly PolicyFile[]): Promise<LintResult> {
    const compiled = compileFiles(files);
    if (!compiled.ok) return { ok: false, digest: null, problems: compiled.problems, parts: [], needed: [] };
    const { policy } = await this.activePolicy.standing(this.governance.runtime.database);
    const parts = policy.changedParts(compiled.policy);
    return { ok: true, digest: compiled.policy.digest, problems: [], parts, needed: policy.approvals.neededFor(parts) };
  }

  async active(withFiles: boolean) {
    const { database, environment } = this.governance.runtime;
    const { activation } = await this.activePolicy.standing(database);
    return { environment, ...activation, ...(withFiles && { files: await filesOf(database, activation.bundleId) }) };
  }

  activations(limit: number): Promise<Activation[]> {
    return listActivations(this.governance.runtime.database, limit);
  }

  async activation(revision: number): Promise<Decision<Activation>> {
    const found = await findActivation(this.governance.runtime.database, revision);
    return found === undefined
      ? refused('no-such-activation', `No activation has the revision ${revision}.`, 'Look for it with GET /policy/activations.')
      : allowed(found);
  }
}

const shown = (bundle: Bundle, { activation, policy }: Standing): ShownBundle => {
  const needed = policy.approvals.neededFor(bundle.proposal?.parts ?? []);
  const open = OPEN.includes(bundle.state);
  return {
    ...bundle,
    needed,
    missing: open ? approvalsMissing(needed, bundle.approvals) : [],
    overtaken: open && bundle.proposal?.baseDigest !== activation.digest,
  };
};
