import type { Clock } from '@tieout/clock';
import type { Database } from '@tieout/persistence';
import type { PolicyHolder } from '@tieout/service-kit';
import { HandoffStore } from '../../adapters/postgres/handoff.store.js';
import { ObjectStore } from '../../adapters/postgres/object.store.js';
import type { HandoffState } from '../../domain/handoff/handoff.js';
import { ChangeHandoff } from './change-handoff.js';

export type RetryOutcome =
  | 'unknown'
  | { readonly kind: 'retried'; readonly state: HandoffState }
  | { readonly kind: 'refused'; readonly state: HandoffState; readonly fix: string };

/** What a person can do about a state in which trying again changes nothing. */
const FIXES: Readonly<Partial<Record<HandoffState, string>>> = {
  confirming: 'Wait: it is read back with the next synchronisation.',
  done: 'The project stands in every system; GET /handoffs shows where.',
  stopped: 'Win the opportunity again in the CRM; the handoff then goes on by itself.',
  withdrawn: 'Close the project where it stands, or win the opportunity again in the CRM.',
};

/** A person has mended something: try again now. */
export class RetryHandoff {
  constructor(
    private readonly database: Database,
    private readonly handoffs: HandoffStore,
    private readonly objects: ObjectStore,
    private readonly changes: ChangeHandoff,
    private readonly clock: Clock,
    private readonly policy: Pick<PolicyHolder, 'current'>,
  ) {}

  retry(code: string, actor: string): Promise<RetryOutcome> {
    return this.database.transaction(async (tx) => {
      const handoff = await this.handoffs.byCode(tx, code);
      if (!handoff) return 'unknown';
      const { state, opportunityId: id, legalEntityId } = handoff;
      const fix = FIXES[state];
      if (fix !== undefined) return { kind: 'refused', state, fix };
      const now = this.clock.now();
      const opportunity = (await this.objects.byCode(tx, 'opportunity', code)).find((object) => object.id === id);
      const after = await this.changes.apply(tx, {
        opportunity: opportunity ?? { id, code, legalEntityId, revision: 0 },
        event: { kind: 'retry' },
        actor,
        policyDigest: this.policy.current().digest,
        dueAt: () => now,
      });
      return { kind: 'retried', state: after?.state ?? state };
    });
  }
}
