import type { Governance } from '../app-part.js';
import { dueBundles, expiredBundles, filesOf, findBundle, putBundle } from '../adapters/postgres/bundle.store.js';
import { listActivations } from '../adapters/postgres/activation.store.js';
import { activate, rollBack, type Activation } from '../domain/bundle/activate.js';
import { expire } from '../domain/bundle/approve.js';
import type { Bundle } from '../domain/bundle/bundle.js';
import type { Person } from '../domain/person.js';
import { allowed, refused, type Decision } from '../domain/refusal.js';
import { compileFiles } from './active-policy.js';
import { makeActive } from './make-active.js';
import { auditBundle, type PolicyChange, type PolicyChanges } from './policy-changes.js';
import { doesNotCompile, noSuchBundle } from './propose-bundle.js';

export interface RollbackRequest {
  /** Which one; absent: the one that was active before. */
  readonly bundleId?: string | undefined;
  readonly why: string;
  readonly emergency?: string | undefined;
}

/** Brings bundles into force: by a person, by their date, or again. */
export class ActivateBundle {
  constructor(
    private readonly governance: Governance,
    private readonly changes: PolicyChanges,
  ) {}

  activate(person: Person, bundleId: string, emergency?: string): Promise<Decision<Activation>> {
    return this.changes.run(async (change) => {
      const bundle = await findBundle(change.tx, bundleId);
      if (bundle === undefined) return noSuchBundle(bundleId);
      const activated = activate(bundle, person, emergency, change.moment);
      return activated.ok ? makeActive(this.governance, change, activated.value, person.actor) : activated;
    });
  }

  rollBack(person: Person, request: RollbackRequest): Promise<Decision<Activation>> {
    return this.changes.run(async (change) => {
      const target = request.bundleId ?? (await before(change));
      const bundle = target === undefined ? undefined : await findBundle(change.tx, target);
      if (bundle === undefined)
        return target === undefined
          ? refused('no-such-bundle', 'No other bundle was active before.', 'Propose a bundle with what should be in force.')
          : noSuchBundle(target);
      const compiled = compileFiles(await filesOf(change.tx, bundle.bundleId));
      if (!compiled.ok) return doesNotCompile(compiled.problems);
      const activated = rollBack(bundle, change.standing.policy.changedParts(compiled.policy), person, request, change.moment);
      return activated.ok ? makeActive(this.governance, change, activated.value, person.actor) : activated;
    });
  }

  /** Expires what nobody approved in time, and brings into force what is approved and whose date has come. */
  async whenDue(): Promise<'more' | 'idle'> {
    const { runtime } = this.governance;
    const by = `service:${runtime.name}`;
    const done = await this.changes.run(async (change) => {
      const { tx, moment } = change;
      for (const bundle of await expiredBundles(tx, moment.at)) await this.#expire(change, bundle, 'nobody activated it in time');
      const [due, ...others] = await this.#notOvertaken(change, await dueBundles(tx, moment.at));
      const activated = due && activate(due, 'the-date-has-come', undefined, moment);
      // In a freeze it waits, and is asked for again at the next round.
      if (!activated?.ok) return allowed(false);
      const made = await makeActive(this.governance, change, activated.value, by);
      return made.ok ? allowed(others.length > 0) : made;
    });
    if (!done.ok) runtime.logger.warn({ code: done.refusal.code }, done.refusal.detail);
    return done.ok && done.value ? 'more' : 'idle';
  }

  /** Another policy came into force since they were approved: activating them would undo it. */
  async #notOvertaken(change: PolicyChange, bundles: readonly Bundle[]): Promise<Bundle[]> {
    const { digest } = change.moment.active;
    const left: Bundle[] = [];
    for (const bundle of bundles)
      if (bundle.proposal?.baseDigest === digest) left.push(bundle);
      else await this.#expire(change, bundle, `revision ${change.standing.activation.revision} came into force before its date`);
    return left;
  }

  async #expire(change: PolicyChange, bundle: Bundle, why: string): Promise<void> {
    const by = `service:${this.governance.runtime.name}`;
    const expired = expire(bundle, by, why, change.moment.at);
    if (!expired.ok) return;
    await putBundle(change.tx, expired.value);
    await auditBundle(change, by, { action: 'expired', before: bundle, after: expired.value, reason: why });
  }
}

/** The bundle that was active before the one that is. */
const before = async ({ tx, standing }: PolicyChange): Promise<string | undefined> =>
  (await listActivations(tx, 1000)).find(({ bundleId }) => bundleId !== standing.activation.bundleId)?.bundleId;
