import type { DynamicModule } from '@nestjs/common';
import type { Connector } from '@tieout/connector-kit';
import { CONNECTORS } from '@tieout/connectors';
import { WorkLoop } from '@tieout/persistence';
import { openConnections, SecondPerson, type ServiceRuntime } from '@tieout/service-kit';
import { DifferencesController } from './adapters/http/differences.controller.js';
import { EntriesController } from './adapters/http/entries.controller.js';
import { RunsController } from './adapters/http/runs.controller.js';
import { QuestionsController } from './adapters/nats/questions.controller.js';
import { StatusesConsumer } from './adapters/nats/statuses.consumer.js';
import { readReconciliationConfig } from './config.js';
import { AcceptDifferences } from './use-cases/accept-differences.js';
import { ConnectionFaults } from './use-cases/connection-faults.js';
import { RecordRun } from './use-cases/record-run.js';
import { RunReconciliation, type ControlConnection } from './use-cases/run-reconciliation.js';
import { Runs } from './use-cases/runs.js';
import { TakeStatuses } from './use-cases/take-statuses.js';

class AppModule {}

/** Composition only. */
export const appModule = (runtime: ServiceRuntime, connectors: readonly Connector[] = CONNECTORS): DynamicModule => {
  const config = readReconciliationConfig(runtime.env);
  const connections = openConnections<Connector>(runtime, 'control', connectors).map((open): ControlConnection => {
    const reader = open.connector.controlReader?.(open.config, open.deps);
    if (reader === undefined)
      throw new Error(
        `connection "${open.declaration.id}" has the role control, but ${open.declaration.system} cannot be read for reconciliation`,
      );
    return { open, reader };
  });
  const reconciliation = new RunReconciliation(
    runtime,
    connections,
    new ConnectionFaults(runtime),
    new RecordRun(runtime),
    config,
  );
  const runs = new Runs(runtime, reconciliation);
  const loop = new WorkLoop({
    ...runtime,
    name: 'reconcile',
    run: () => runs.runWhenDue(config.everyMs),
    pollMs: Math.min(config.everyMs, 5000),
  });
  runtime.onReady(async () => loop.start());
  runtime.onStop(async () => {
    await loop.stop();
    await runs.finished();
  });
  return {
    module: AppModule,
    controllers: [RunsController, DifferencesController, EntriesController, QuestionsController, StatusesConsumer],
    providers: [
      { provide: TakeStatuses, useValue: new TakeStatuses(runtime) },
      { provide: Runs, useValue: runs },
      { provide: AcceptDifferences, useValue: new AcceptDifferences(runtime, new SecondPerson(runtime)) },
    ],
  };
};
