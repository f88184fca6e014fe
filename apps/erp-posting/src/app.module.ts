import type { DynamicModule } from '@nestjs/common';
import type { Connector } from '@tieout/connector-kit';
import { feedParts, masterDataConsumer } from '@tieout/delivery/edge';
import { MasterReadModel } from '@tieout/persistence';
import { SecondPerson, type ServiceRuntime } from '@tieout/service-kit';
import { AccrualsController } from './adapters/http/accruals.controller.js';
import { AccrualCommands } from './adapters/nats/accrual-commands.controller.js';
import { AccruePeriod } from './use-cases/accrue-period.js';
import { ApplyMasterData } from './use-cases/apply-master-data.js';
import { erpRules } from './use-cases/erp-rules.js';

class AppModule {}

/** Composition only: what exists, who gets what, which loops run. */
export const appModule = (runtime: ServiceRuntime, connectors: readonly Connector[]): DynamicModule => {
  const { policy, clock } = runtime;
  const master = new MasterReadModel();
  const { ledger, controllers, providers } = feedParts(runtime, {
    feed: 'posting',
    connectors,
    rules: (destinations) => erpRules({ policy, master, clock, destinations }),
  });
  return {
    module: AppModule,
    controllers: [...controllers, masterDataConsumer(new ApplyMasterData(ledger)), AccrualsController, AccrualCommands],
    providers: [
      ...providers,
      {
        provide: AccruePeriod,
        useValue: new AccruePeriod({ ledger, questions: runtime.questions, policy, secondPerson: new SecondPerson(runtime) }),
      },
    ],
  };
};
