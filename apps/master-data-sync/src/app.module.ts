import type { DynamicModule } from '@nestjs/common';
import type { Connector } from '@tieout/connector-kit';
import { openConnections, type ServiceRuntime } from '@tieout/service-kit';
import { LookUpController } from './adapters/http/look-up.controller.js';
import { MasterController } from './adapters/http/master.controller.js';
import { MergeController } from './adapters/http/merge.controller.js';
import { OwnershipController } from './adapters/http/ownership.controller.js';
import { PushController } from './adapters/http/push.controller.js';
import { SyncController } from './adapters/http/sync.controller.js';
import { ReadinessController } from './adapters/nats/readiness.controller.js';
import { QuestionsController } from './adapters/nats/questions.controller.js';
import { DriftStore } from './adapters/postgres/drift.store.js';
import { HandoffStore } from './adapters/postgres/handoff.store.js';
import { MergeDecisionStore } from './adapters/postgres/merge-decision.store.js';
import { ObjectStore } from './adapters/postgres/object.store.js';
import { ReadinessStore } from './adapters/postgres/readiness.store.js';
import { SourceRecordStore } from './adapters/postgres/source-record.store.js';
import { SyncStateStore } from './adapters/postgres/sync-state.store.js';
import { handoffPart } from './handoff-part.js';
import { AnswerReadiness } from './use-cases/answer-readiness.js';
import { AnswerProgress } from './use-cases/answer-progress.js';
import { checkKinds } from './use-cases/check-kinds.js';
import { DecideMerge } from './use-cases/decide-merge.js';
import { KeepInSync } from './use-cases/keep-in-sync.js';
import { LookUpMaster } from './use-cases/look-up-master.js';
import { MergeCodes } from './use-cases/merge-codes.js';
import { NoteDrift } from './use-cases/note-drift.js';
import { NoteOutage } from './use-cases/note-outage.js';
import { PushConnections, sendsItself } from './use-cases/push-connections.js';
import { PushRecords } from './use-cases/push-records.js';
import { ReadHistory } from './use-cases/read-history.js';
import { RemergeAll } from './use-cases/remerge-all.js';
import { SyncConnection } from './use-cases/sync-connection.js';

class AppModule {}

/** Composition only. */
export const appModule =
  (connectors: readonly Connector[]) =>
  (runtime: ServiceRuntime): DynamicModule => {
    const { database, clock } = runtime;
    const policy = () => runtime.policy.current();
    const connections = openConnections(readOnly(runtime), 'master-data', connectors);
    checkKinds(connections);
    const pushing = new PushConnections(policy);
    pushing.check();
    const [records, objects, states] = [new SourceRecordStore(), new ObjectStore(), new SyncStateStore()];
    const [drifts, decisions] = [new DriftStore(), new MergeDecisionStore()];
    const merges = new MergeCodes(records, objects, decisions, new NoteDrift(drifts), clock);
    const sync = new SyncConnection(database, records, states, merges, new NoteOutage(database, states, clock), clock);
    const remerge = new RemergeAll(database, records, states, merges, clock);
    const keeper = new KeepInSync(runtime, connections, sync, states, remerge);
    keeper.start();
    runtime.onStop(() => keeper.stop());
    const handoffs = new HandoffStore();
    const handoff = handoffPart(runtime, connectors, { objects, states, handoffs });
    return {
      module: AppModule,
      controllers: [
        MergeController,
        MasterController,
        OwnershipController,
        PushController,
        LookUpController,
        SyncController,
        QuestionsController,
        ReadinessController,
        ...handoff.controllers,
      ],
      providers: [
        ...handoff.providers,
        { provide: AnswerReadiness, useValue: new AnswerReadiness(database, new ReadinessStore(), runtime.policy) },
        { provide: SourceRecordStore, useValue: records },
        { provide: ObjectStore, useValue: objects },
        { provide: DriftStore, useValue: drifts },
        { provide: KeepInSync, useValue: keeper },
        { provide: PushConnections, useValue: pushing },
        { provide: PushRecords, useValue: new PushRecords(database, records, objects, states, merges, clock) },
        { provide: DecideMerge, useValue: new DecideMerge(database, objects, records, decisions, merges, clock) },
        { provide: ReadHistory, useValue: new ReadHistory(database, objects, records, decisions) },
        { provide: AnswerProgress, useValue: new AnswerProgress(database, states, objects, keeper, handoffs) },
        { provide: LookUpMaster, useValue: new LookUpMaster(database, objects, policy, clock) },
      ],
    };
  };

/** Without the systems that send by themselves: there is no connector to open for them. */
const readOnly = ({ policy, secrets, clock }: ServiceRuntime) => {
  const all = policy.current();
  const read = { ...all, connections: all.connections.filter((declaration) => !sendsItself(declaration)) };
  return { policy: { current: () => read }, secrets, clock };
};
