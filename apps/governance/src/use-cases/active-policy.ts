import { Fault } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import { compilePolicy, type CompiledPolicy, type CompileResult } from '@tieout/policy';
import { latestActivation } from '../adapters/postgres/activation.store.js';
import { filesOf } from '../adapters/postgres/bundle.store.js';
import type { Activation } from '../domain/bundle/activate.js';
import type { PolicyFile } from '../domain/bundle/unified-diff.js';

/** What is in force, and by which activation. */
export interface Standing {
  readonly activation: Activation;
  readonly policy: CompiledPolicy;
}

export const compileFiles = (files: readonly PolicyFile[]): CompileResult =>
  compilePolicy(Object.fromEntries(files.map(({ name, text }) => [name, text])));

/** The policy in force here as the database says, which is what the stream will say. Compiled once per bundle. */
export class ActivePolicy {
  #compiled: { readonly bundleId: string; readonly policy: CompiledPolicy } | undefined;

  /** @throws Fault Unavailable before the first start is over; ContractBroken when this build cannot read the active bundle */
  async standing(tx: Tx): Promise<Standing> {
    const latest = await latestActivation(tx);
    if (latest === undefined) throw new Fault('Unavailable', 'no policy is active yet');
    const { activation } = latest;
    return { activation, policy: await this.#policyOf(tx, activation.bundleId) };
  }

  /** @throws Fault ContractBroken when this build cannot read the bundle */
  async #policyOf(tx: Tx, bundleId: string): Promise<CompiledPolicy> {
    if (this.#compiled?.bundleId === bundleId) return this.#compiled.policy;
    const result = compileFiles(await filesOf(tx, bundleId));
    if (!result.ok)
      throw new Fault(
        'ContractBroken',
        `the bundle ${bundleId} was active and does not compile with this build: deploy the build before, and first activate a bundle that both can read`,
      );
    this.#compiled = { bundleId, policy: result.policy };
    return result.policy;
  }
}
