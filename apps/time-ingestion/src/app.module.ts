import type { DynamicModule } from '@nestjs/common';
import type { Connector, TimeSource, WebhookReceiver } from '@tieout/connector-kit';
import { CONNECTORS } from '@tieout/connectors';
import { WorkLoop } from '@tieout/persistence';
import { openConnections, type OpenConnection, type ServiceRuntime } from '@tieout/service-kit';
import { EntriesController } from './adapters/http/entries.controller.js';
import { LookUpController } from './adapters/http/look-up.controller.js';
import { SourceRecordsController } from './adapters/http/source-records.controller.js';
import { WebhooksController } from './adapters/http/webhooks.controller.js';
import { LookUpsController } from './adapters/nats/look-ups.controller.js';
import { MasterConsumer } from './adapters/nats/master.consumer.js';
import { OverridesConsumer } from './adapters/nats/overrides.consumer.js';
import { ConnectionStatesController } from './adapters/nats/connection-states.controller.js';
import { QuestionsController } from './adapters/nats/questions.controller.js';
import { ASSESS_CHANNEL } from './adapters/postgres/entry.store.js';
import { HINT_CHANNEL } from './adapters/postgres/source.store.js';
import { PLAN_CHANNEL } from './adapters/postgres/plan.store.js';
import { AnswerApprovalStatus } from './use-cases/answer-approval-status.js';
import { AnswerConnectionStates } from './use-cases/answer-connection-states.js';
import { AnswerOpenTime } from './use-cases/answer-open-time.js';
import { AskPlan } from './use-cases/ask-plan.js';
import { AssessEntries } from './use-cases/assess-entries.js';
import { ConnectionFaults } from './use-cases/connection-faults.js';
import { EntryStatus } from './use-cases/entry-status.js';
import { IngestPage } from './use-cases/ingest-page.js';
import { MasterGate } from './use-cases/master-gate.js';
import { PollConnection } from './use-cases/poll-connection.js';
import { ReassessEntries } from './use-cases/reassess-entries.js';
import { RunPlans } from './use-cases/run-plans.js';
import { RemoveSourceContent } from './use-cases/remove-source-content.js';
import { SweepKeys } from './use-cases/sweep-keys.js';
import { TakeHint } from './use-cases/take-hint.js';
import { TakeMasterChanges } from './use-cases/take-master-changes.js';
import { TakeOverrides } from './use-cases/take-overrides.js';

class AppModule {}

/** Days count in retention, not minutes. */
const RETENTION_MS = 600_000;

/** Composition only: what exists, who gets what, which loops run. */
export const appModule = (runtime: ServiceRuntime, connectors: readonly Connector[] = CONNECTORS): DynamicModule => {
  const connections = openConnections<Connector>(runtime, 'time', connectors);
  const ingest = new IngestPage(runtime);
  const reassess = new ReassessEntries(runtime);
  const assess = new AssessEntries(runtime);
  const plans = new RunPlans(runtime);
  const gate = new MasterGate(runtime);
  const faults = new ConnectionFaults(runtime);
  const receivers = new Map<string, WebhookReceiver>();
  const loops: WorkLoop[] = [];

  for (const connection of connections) {
    const receiver = connection.connector.webhookReceiver?.(connection.config, connection.deps);
    if (receiver !== undefined) receivers.set(connection.declaration.id, receiver);
    const source = timeSourceOf(connection);
    const sweep = new SweepKeys(runtime, connection, source, ingest);
    const poll = new PollConnection(runtime, connection, source, ingest, { sweep, faults });
    loops.push(
      new WorkLoop({
        ...runtime,
        name: `poll ${connection.declaration.id}`,
        run: () => poll.run(),
        pollMs: 1000,
        wakeOn: HINT_CHANNEL,
      }),
    );
  }
  loops.push(
    new WorkLoop({
      ...runtime,
      name: 'assess',
      run: async () => ((await gate.open()) ? assess.run() : 'idle'),
      pollMs: 1000,
      wakeOn: ASSESS_CHANNEL,
    }),
  );
  loops.push(
    new WorkLoop({
      ...runtime,
      name: 'plan',
      run: async () => ((await gate.open()) ? plans.run() : 'idle'),
      pollMs: 5000,
      wakeOn: PLAN_CHANNEL,
    }),
  );
  const retention = new RemoveSourceContent(runtime);
  loops.push(new WorkLoop({ ...runtime, name: 'retention', run: () => retention.run(), pollMs: RETENTION_MS }));
  const lookAgain = async () => {
    const marked = await reassess.afterPolicyChange();
    if (marked > 0) runtime.logger.info({ marked }, 'another policy bundle: entries are assessed again');
  };
  runtime.onReady(async () => {
    runtime.policy.onChange(lookAgain);
    await lookAgain();
    for (const loop of loops) loop.start();
  });
  runtime.onStop(async () => {
    plans.leave();
    await Promise.all(loops.map((loop) => loop.stop()));
  });

  return {
    module: AppModule,
    controllers: [
      EntriesController,
      SourceRecordsController,
      LookUpController,
      LookUpsController,
      WebhooksController,
      MasterConsumer,
      OverridesConsumer,
      QuestionsController,
      ConnectionStatesController,
    ],
    providers: [
      {
        provide: EntryStatus,
        useValue: new EntryStatus(
          runtime,
          connections.map(({ declaration }) => declaration.id),
        ),
      },
      { provide: ReassessEntries, useValue: reassess },
      { provide: AskPlan, useValue: new AskPlan(runtime) },
      { provide: AnswerApprovalStatus, useValue: new AnswerApprovalStatus(runtime) },
      { provide: AnswerConnectionStates, useValue: new AnswerConnectionStates(runtime.database, runtime.policy) },
      { provide: AnswerOpenTime, useValue: new AnswerOpenTime(runtime) },
      { provide: TakeHint, useValue: new TakeHint(runtime, receivers) },
      { provide: TakeOverrides, useValue: new TakeOverrides(runtime) },
      { provide: TakeMasterChanges, useValue: new TakeMasterChanges(runtime) },
    ],
  };
};

const timeSourceOf = ({ connector, config, deps, declaration }: OpenConnection<Connector>): TimeSource => {
  const source = connector.timeSource?.(config, deps);
  if (source === undefined)
    throw new Error(`connection "${declaration.id}" has the role time, but ${declaration.system} is no source of time`);
  return source;
};
