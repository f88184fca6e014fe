import type { DynamicModule } from '@nestjs/common';
import type { Connector } from '@tieout/connector-kit';
import { feedParts, masterDataConsumer } from '@tieout/delivery/edge';
import { MasterReadModel, WorkLoop } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { RebuildController } from './adapters/http/rebuild.controller.js';
import { DimensionStore } from './adapters/postgres/dimension.store.js';
import { RebuildStore } from './adapters/postgres/rebuild.store.js';
import { analyticsRules } from './use-cases/analytics-rules.js';
import { ApplyMasterData, DIMENSIONS_CHANNEL } from './use-cases/apply-master-data.js';
import { DeliverDimensions } from './use-cases/deliver-dimensions.js';
import { RebuildWarehouse, REBUILD_CHANNEL } from './use-cases/rebuild-warehouse.js';
import { ResendDocuments } from './use-cases/resend-documents.js';

class AppModule {}

/** Behind facts, and woken when there is something: a poll only finds what a lost wake-up left. */
const POLL_MS = 2_000;

/** Composition only: what exists, who gets what, which loops run. */
export const appModule = (runtime: ServiceRuntime, connectors: readonly Connector[]): DynamicModule => {
  const { policy, database, listener, clock, logger } = runtime;
  const { ledger, destinations, controllers, providers } = feedParts(runtime, {
    feed: 'analytics',
    connectors,
    rules: (ids) => analyticsRules({ policy, clock, master: new MasterReadModel(), destinations: ids }),
  });
  const [dimensions, rebuilds] = [new DimensionStore(), new RebuildStore()];
  const loops = destinations.flatMap((destination) => {
    const deliver = new DeliverDimensions(ledger, destination, dimensions);
    const resend = new ResendDocuments(ledger, destination, rebuilds);
    const common = { pollMs: POLL_MS, database, listener, clock, logger };
    return [
      new WorkLoop({ ...common, name: `dimensions ${destination.id}`, run: () => deliver.run(), wakeOn: DIMENSIONS_CHANNEL }),
      new WorkLoop({ ...common, name: `rebuild ${destination.id}`, run: () => resend.run(), wakeOn: REBUILD_CHANNEL }),
    ];
  });
  runtime.onReady(async () => loops.forEach((loop) => loop.start()));
  runtime.onStop(async () => void (await Promise.all(loops.map((loop) => loop.stop()))));
  return {
    module: AppModule,
    controllers: [...controllers, masterDataConsumer(new ApplyMasterData(ledger)), RebuildController],
    providers: [...providers, { provide: RebuildWarehouse, useValue: new RebuildWarehouse(ledger, rebuilds, dimensions) }],
  };
};
