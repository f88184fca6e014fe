import { appendAudit } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { AuditStore } from '../adapters/postgres/audit.store.js';

export type AcknowledgeOutcome =
  | { readonly kind: 'acknowledged'; readonly chain: string; readonly from: number }
  | { readonly kind: 'no-such-chain' | 'not-broken' };

/** A person says that a chain which went back behind what was signed may go on: its database was restored. The next checkpoint says so too. */
export class AcknowledgeChain {
  readonly #store = new AuditStore();

  constructor(private readonly runtime: ServiceRuntime) {}

  run(chain: string, why: string, actor: string): Promise<AcknowledgeOutcome> {
    const { database, clock, policy } = this.runtime;
    return database.transaction(async (tx): Promise<AcknowledgeOutcome> => {
      const known = await this.#store.lockChain(tx, chain);
      if (known === undefined) return { kind: 'no-such-chain' };
      if (known.broken === null) return { kind: 'not-broken' };
      const now = clock.now();
      const { seen } = known.broken;
      await this.#store.acknowledge(tx, chain, { by: actor, at: now, now: seen });
      const row = {
        actor,
        action: 'audit.chain-acknowledged',
        subjectKind: 'audit-chain',
        subjectId: chain,
        legalEntityId: chain.slice(chain.indexOf('/') + 1),
        before: { signed: { seq: known.seq, hash: known.hash }, broken: known.broken.why },
        after: { goesOnFrom: seen },
        policyDigest: policy.current().digest,
        reason: why,
      };
      await appendAudit(tx, [row], now);
      return { kind: 'acknowledged', chain, from: seen.seq };
    });
  }
}
