import type { ConnectionStateV1, LegalEntityReadinessAnswerV1, LegalEntityReadinessV1 } from '@tieout/contracts';
import type { Database } from '@tieout/persistence';
import type { PolicyHolder } from '@tieout/service-kit';
import { ReadinessStore } from '../adapters/postgres/readiness.store.js';

/** What an onboarding wants to know of master data. */
export class AnswerReadiness {
  constructor(
    private readonly database: Database,
    private readonly readiness: ReadinessStore,
    private readonly policy: Pick<PolicyHolder, 'current'>,
  ) {}

  /** Of those that master data is read from. */
  async connectionStates(connections: readonly string[]): Promise<ConnectionStateV1[]> {
    const read = this.policy.current().connections.filter(({ roles }) => roles.includes('master-data'));
    const ours = connections.filter((id) => read.some((connection) => connection.id === id));
    return ours.length === 0 ? [] : this.readiness.connections(this.database, ours);
  }

  async ofLegalEntity({ legalEntityId, on, references }: LegalEntityReadinessV1): Promise<LegalEntityReadinessAnswerV1> {
    const { database, readiness } = this;
    const legalEntity = await readiness.legalEntity(database, legalEntityId, on);
    return {
      ...(legalEntity && { legalEntity }),
      ...(await readiness.counts(database, legalEntityId)),
      references: await readiness.missingReferences(database, legalEntityId, on, references),
      accountingPeriods: await readiness.accountingPeriods(database, legalEntityId, on),
      payGroups: await readiness.payGroups(database, legalEntityId, on),
    };
  }
}
