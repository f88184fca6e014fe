import { UNASSIGNED } from '@tieout/model';
import type { Governance } from '../app-part.js';
import { findActivation, putReview } from '../adapters/postgres/activation.store.js';
import { findBundle, putBundle } from '../adapters/postgres/bundle.store.js';
import { approve, reject, withdraw, type ApprovalRequest } from '../domain/bundle/approve.js';
import { review, type Activation } from '../domain/bundle/activate.js';
import type { Bundle } from '../domain/bundle/bundle.js';
import type { Person } from '../domain/person.js';
import { refused, type Decision } from '../domain/refusal.js';
import { appendAudit, appendOutbox } from '@tieout/persistence';
import { EVENT_TYPES } from '@tieout/contracts';
import { reviewItemKey } from './make-active.js';
import { auditBundle, type PolicyChange, type PolicyChanges } from './policy-changes.js';
import { noSuchBundle } from './propose-bundle.js';

/** What people say about a bundle: yes, no, never mind; and of an emergency change, afterwards, that they have looked at it. */
export class DecideBundle {
  constructor(
    private readonly governance: Governance,
    private readonly changes: PolicyChanges,
  ) {}

  approve(person: Person, bundleId: string, request: ApprovalRequest & { readonly note?: string | undefined }) {
    return this.#decide(bundleId, person, 'approved', request.note, (bundle, { moment }) =>
      approve(bundle, person, request, moment),
    );
  }

  reject(person: Person, bundleId: string, why: string) {
    return this.#decide(bundleId, person, 'rejected', why, (bundle, { moment }) => reject(bundle, person, why, moment));
  }

  withdraw(person: Person, bundleId: string, why: string) {
    return this.#decide(bundleId, person, 'withdrawn', why, (bundle, { moment }) => withdraw(bundle, person, why, moment.at));
  }

  review(person: Person, revision: number, note: string): Promise<Decision<Activation>> {
    return this.changes.run(async ({ tx, moment }) => {
      const activation = await findActivation(tx, revision);
      const bundle = activation && (await findBundle(tx, activation.bundleId));
      if (activation === undefined || bundle === undefined)
        return refused(
          'no-such-activation',
          `No activation has the revision ${revision}.`,
          'Look for it with GET /policy/activations.',
        );
      const reviewed = review(activation, bundle, person, note, moment);
      if (!reviewed.ok) return reviewed;
      await putReview(tx, reviewed.value);
      await appendAudit(
        tx,
        [
          {
            actor: person.actor,
            action: 'policy.reviewed',
            subjectKind: 'activation',
            subjectId: String(revision),
            legalEntityId: UNASSIGNED,
            before: { reviewDueAt: activation.reviewDueAt },
            after: { reviewedBy: person.actor },
            policyDigest: moment.active.digest,
            reason: note,
          },
        ],
        moment.at,
      );
      const cleared = {
        itemKey: reviewItemKey(this.governance.runtime.environment, revision),
        raisedBy: 'governance' as const,
        clearedAt: moment.at,
      };
      await appendOutbox(
        tx,
        'governance',
        [{ type: EVENT_TYPES.conditionCleared, scope: [UNASSIGNED], body: cleared }],
        moment.at,
      );
      return reviewed;
    });
  }

  #decide(
    bundleId: string,
    person: Person,
    action: string,
    reason: string | undefined,
    decide: (bundle: Bundle, change: PolicyChange) => Decision<Bundle>,
  ): Promise<Decision<Bundle>> {
    return this.changes.run(async (change) => {
      const before = await findBundle(change.tx, bundleId);
      if (before === undefined) return noSuchBundle(bundleId);
      const decided = decide(before, change);
      if (!decided.ok) return decided;
      await putBundle(change.tx, decided.value);
      await auditBundle(change, person.actor, { action, before, after: decided.value, reason });
      return decided;
    });
  }
}
