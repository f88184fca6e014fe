import { isSignedBy, signed, type Signature } from '@tieout/signing';
import { v7 } from 'uuid';
import { approvedActivationOf } from '../adapters/postgres/activation.store.js';
import { addBundle, filesOf, findBundle, putBundle } from '../adapters/postgres/bundle.store.js';
import type { Governance } from '../app-part.js';
import { barredFrom, type Bundle } from '../domain/bundle/bundle.js';
import { frozen } from '../domain/bundle/moment.js';
import { checkPromotion, type PromotionStatement } from '../domain/bundle/promotion.js';
import type { ProposalRequest } from '../domain/bundle/propose.js';
import type { Person } from '../domain/person.js';
import { allowed, refused, type Decision } from '../domain/refusal.js';
import { compileFiles } from './active-policy.js';
import { auditBundle, type PolicyChanges } from './policy-changes.js';
import { decideProposal, doesNotCompile } from './propose-bundle.js';

export interface PromotionCertificate extends Signature {
  readonly statement: PromotionStatement;
}

/** From one environment to the next: what was approved and active there may be proposed here. */
export class PromoteBundle {
  constructor(
    private readonly governance: Governance,
    private readonly changes: PolicyChanges,
  ) {}

  /** What this environment says of a bundle to the next one. */
  async certificate(digest: string): Promise<Decision<PromotionCertificate>> {
    const { runtime, config } = this.governance;
    const { database, clock, environment } = runtime;
    const activation = await approvedActivationOf(database, digest);
    const bundle = activation && (await findBundle(database, activation.bundleId));
    if (activation === undefined || bundle === undefined)
      return refused(
        'no-such-bundle',
        `No bundle with the digest ${digest} was approved and active in ${environment}.`,
        'Propose it here, have it approved and activated; what a first start took over was approved by nobody.',
      );
    const statement: PromotionStatement = {
      environment,
      bundleId: bundle.bundleId,
      digest: activation.digest,
      files: await filesOf(database, bundle.bundleId),
      authors: barredFrom(bundle),
      approvals: bundle.approvals.map(({ actor, role, at }) => ({ actor, role, at })),
      revision: activation.revision,
      activatedAt: activation.activatedAt,
      issuedAt: clock.now(),
    };
    return allowed({ statement, ...signed('policy-promotion', statement, config.signingKey) });
  }

  take(person: Person, certificate: PromotionCertificate, request: ProposalRequest): Promise<Decision<Bundle>> {
    return this.changes.run(async (change) => {
      const { statement, keyId, signature } = certificate;
      const source = this.governance.config.promotesFrom;
      const compiled = compileFiles(statement.files);
      const checked = checkPromotion(statement, {
        promotesFrom: source?.environment,
        signatureHolds: isSignedBy('policy-promotion', statement, { keyId, signature }, source?.keys ?? []),
        recomputedDigest: compiled.ok ? compiled.policy.digest : undefined,
        at: change.moment.at,
      });
      if (!checked.ok) return checked;
      if (!compiled.ok) return doesNotCompile(compiled.problems);
      const draft: Bundle = {
        bundleId: v7(),
        digest: statement.digest,
        state: 'draft',
        author: person.actor,
        earlierAuthors: statement.authors,
        promotedFrom: statement.environment,
        createdAt: change.moment.at,
        proposal: null,
        approvals: [],
        closing: null,
      };
      const proposed = await decideProposal(change, draft, compiled.policy, person, request);
      if (!proposed.ok) return proposed;
      const freeze =
        request.emergency === undefined ? frozen(change.moment, 'promotion', proposed.value.proposal?.parts ?? []) : undefined;
      if (freeze) return freeze;
      await addBundle(change.tx, draft, statement.files);
      await putBundle(change.tx, proposed.value);
      await auditBundle(change, person.actor, { action: 'promoted', before: draft, after: proposed.value, reason: request.why });
      return proposed;
    });
  }
}
