import type { DynamicModule } from '@nestjs/common';
import type { Connector } from '@tieout/connector-kit';
import { feedParts, masterDataConsumer } from '@tieout/delivery/edge';
import { MasterReadModel, WorkLoop } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { PayRunsController } from './adapters/http/pay-runs.controller.js';
import { PayRunStore } from './adapters/postgres/pay-run.store.js';
import { ApplyMasterData } from './use-cases/apply-master-data.js';
import { FollowPayRuns } from './use-cases/follow-pay-runs.js';
import { OpenPayRuns } from './use-cases/open-pay-runs.js';
import { payrollRules } from './use-cases/payroll-rules.js';
import { PreviewPayRun } from './use-cases/preview-pay-run.js';
import { SignPayRun } from './use-cases/sign-pay-run.js';

class AppModule {}

const FOLLOW_MS = 500;
const OPEN_MS = 60_000;

/** Composition only: what exists, who gets what, which loops run. */
export const appModule = (runtime: ServiceRuntime, connectors: readonly Connector[]): DynamicModule => {
  const parts = { ...runtime, master: new MasterReadModel(), runs: new PayRunStore() };
  const follow = new FollowPayRuns(parts);
  const { ledger, controllers, providers } = feedParts(runtime, {
    feed: 'payroll',
    connectors,
    rules: (destinations) => payrollRules({ ...parts, follow }, destinations),
  });
  const openRuns = new OpenPayRuns(parts, ledger.rules.destinations);
  const preview = new PreviewPayRun(parts);
  const loops = [
    new WorkLoop({ ...runtime, name: 'follow pay runs', run: () => follow.run(), pollMs: FOLLOW_MS }),
    new WorkLoop({ ...runtime, name: 'open pay runs', run: () => openRuns.run(), pollMs: OPEN_MS }),
  ];
  runtime.onReady(async () => {
    for (const loop of loops) loop.start();
  });
  runtime.onStop(async () => {
    await Promise.all(loops.map((loop) => loop.stop()));
  });
  return {
    module: AppModule,
    controllers: [...controllers, masterDataConsumer(new ApplyMasterData(ledger, openRuns)), PayRunsController],
    providers: [
      ...providers,
      { provide: PreviewPayRun, useValue: preview },
      { provide: SignPayRun, useValue: new SignPayRun({ ...parts, follow, preview }) },
    ],
  };
};
