import type { DynamicModule } from '@nestjs/common';
import type { Connector } from '@tieout/connector-kit';
import { openConnections, type ServiceRuntime } from '@tieout/service-kit';
import { MasterController } from './adapters/http/master.controller.js';
import { SyncController } from './adapters/http/sync.controller.js';
import { QuestionsController } from './adapters/nats/questions.controller.js';
import { HandoffStore } from './adapters/postgres/handoff.store.js';
import { ObjectStore } from './adapters/postgres/object.store.js';
import { SourceRecordStore } from './adapters/postgres/source-record.store.js';
import { SyncStateStore } from './adapters/postgres/sync-state.store.js';
import { handoffPart } from './handoff-part.js';
import { AnswerProgress } from './use-cases/answer-progress.js';
import { checkKinds } from './use-cases/check-kinds.js';
import { KeepInSync } from './use-cases/keep-in-sync.js';
import { LookUpMaster } from './use-cases/look-up-master.js';
import { MergeCodes } from './use-cases/merge-codes.js';
import { NoteOutage } from './use-cases/note-outage.js';
import { RemergeAll } from './use-cases/remerge-all.js';
import { SyncConnection } from './use-cases/sync-connection.js';

class AppModule {}

/** Composition only. */
export const appModule =
  (connectors: readonly Connector[]) =>
  (runtime: ServiceRuntime): DynamicModule => {
    const { database, clock } = runtime;
    const connections = openConnections(runtime, 'master-data', connectors);
    checkKinds(connections);
    const [records, objects, states] = [new SourceRecordStore(), new ObjectStore(), new SyncStateStore()];
    const merges = new MergeCodes(records, objects, clock);
    const sync = new SyncConnection(database, records, states, merges, new NoteOutage(database, states, clock), clock);
    const remerge = new RemergeAll(database, records, states, merges, clock);
    const keeper = new KeepInSync(runtime, connections, sync, states, remerge);
    keeper.start();
    runtime.onStop(() => keeper.stop());
    const handoffs = new HandoffStore();
    const handoff = handoffPart(runtime, connectors, { objects, states, handoffs });
    return {
      module: AppModule,
      controllers: [MasterController, SyncController, QuestionsController, ...handoff.controllers],
      providers: [
        ...handoff.providers,
        { provide: SourceRecordStore, useValue: records },
        { provide: ObjectStore, useValue: objects },
        { provide: KeepInSync, useValue: keeper },
        { provide: AnswerProgress, useValue: new AnswerProgress(database, states, objects, keeper, handoffs) },
        { provide: LookUpMaster, useValue: new LookUpMaster(database, objects) },
      ],
    };
  };
