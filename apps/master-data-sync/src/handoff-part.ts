import type { Connector } from '@tieout/connector-kit';
import { openConnections, type ServiceRuntime } from '@tieout/service-kit';
import { HandoffController } from './adapters/http/handoff.controller.js';
import { HandoffStore } from './adapters/postgres/handoff.store.js';
import type { ObjectStore } from './adapters/postgres/object.store.js';
import type { SyncStateStore } from './adapters/postgres/sync-state.store.js';
import { AdvanceHandoffs } from './use-cases/handoff/advance-handoffs.js';
import { ChangeHandoff } from './use-cases/handoff/change-handoff.js';
import { GatherFacts } from './use-cases/handoff/gather-facts.js';
import { KeepHandoffs } from './use-cases/handoff/keep-handoffs.js';
import { ProjectTargets } from './use-cases/handoff/project-targets.js';
import { RetryHandoff } from './use-cases/handoff/retry-handoff.js';

interface Shared {
  readonly objects: ObjectStore;
  readonly states: SyncStateStore;
  readonly handoffs: HandoffStore;
}

/** Composition of the handoff: won opportunities become projects. */
export const handoffPart = (runtime: ServiceRuntime, connectors: readonly Connector[], { objects, states, handoffs }: Shared) => {
  const { database, clock, policy } = runtime;
  const changes = new ChangeHandoff(handoffs, clock);
  const targets = new ProjectTargets(openConnections(runtime, 'project', connectors));
  const facts = new GatherFacts(objects, states, handoffs);
  const advances = new AdvanceHandoffs(database, { handoffs, objects, facts }, targets, changes, clock);
  const keeper = new KeepHandoffs(runtime, handoffs, advances);
  runtime.onReady(async () => keeper.start());
  runtime.onStop(() => keeper.stop());
  return {
    controllers: [HandoffController],
    providers: [
      { provide: HandoffStore, useValue: handoffs },
      { provide: KeepHandoffs, useValue: keeper },
      { provide: RetryHandoff, useValue: new RetryHandoff(database, handoffs, objects, changes, clock, policy) },
    ],
  };
};
