import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  connectionStatesSubject,
  ConnectionStatesV1,
  LegalEntityReadinessV1,
  QUESTIONS,
  type ConnectionStatesAnswerV1,
  type LegalEntityReadinessAnswerV1,
} from '@tieout/contracts';
import { RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { ReadinessStore } from '../postgres/readiness.store.js';

/** What an onboarding wants to know of master data. */
@Controller()
export class ReadinessController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly readiness: ReadinessStore,
  ) {}

  @MessagePattern<string>(connectionStatesSubject('master'))
  async connectionStates(@Payload() { connections }: ConnectionStatesV1): Promise<ConnectionStatesAnswerV1> {
    const read = new Set(
      this.runtime.policy
        .current()
        .connections.filter(({ roles }) => roles.includes('master-data'))
        .map(({ id }) => id),
    );
    const ours = connections.filter((id) => read.has(id));
    return { connections: ours.length === 0 ? [] : await this.readiness.connections(this.runtime.database, ours) };
  }

  @MessagePattern<string>(QUESTIONS.legalEntityReadiness)
  async legalEntity(@Payload() question: LegalEntityReadinessV1): Promise<LegalEntityReadinessAnswerV1> {
    const { legalEntityId, on, references } = question;
    const { database } = this.runtime;
    const legalEntity = await this.readiness.legalEntity(database, legalEntityId, on);
    return {
      ...(legalEntity && { legalEntity }),
      ...(await this.readiness.counts(database, legalEntityId)),
      references: await this.readiness.missingReferences(database, legalEntityId, on, references),
      accountingPeriods: await this.readiness.accountingPeriods(database, legalEntityId, on),
      payGroups: await this.readiness.payGroups(database, legalEntityId, on),
    };
  }
}
