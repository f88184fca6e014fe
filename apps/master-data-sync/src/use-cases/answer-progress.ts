import type { ProgressAnswerV1 } from '@tieout/contracts';
import type { MasterKind } from '@tieout/model';
import type { Database } from '@tieout/persistence';
import { HandoffStore } from '../adapters/postgres/handoff.store.js';
import { ObjectStore } from '../adapters/postgres/object.store.js';
import { SyncStateStore, type ConnectionProgress, type KindProgress } from '../adapters/postgres/sync-state.store.js';
import { KeepInSync } from './keep-in-sync.js';
import { kindsOf } from './sync-connection.js';

export interface SyncReport {
  readonly connections: readonly (Partial<ConnectionProgress> & {
    readonly connection: string;
    readonly kinds: readonly (Partial<KindProgress> & { readonly kind: MasterKind; readonly syncedSinceStart: boolean })[];
  })[];
  readonly objects: Readonly<Record<string, number>>;
  readonly unpublishedEvents: number;
  /** Won opportunities that are becoming projects. */
  readonly handoffsOnTheirWay: number;
}

/** How far the synchronisation is. */
export class AnswerProgress {
  constructor(
    private readonly database: Database,
    private readonly states: SyncStateStore,
    private readonly objects: ObjectStore,
    private readonly keeper: KeepInSync,
    private readonly handoffs: HandoffStore,
  ) {}

  async report(): Promise<SyncReport> {
    const [connections, kinds] = [await this.states.connections(this.database), await this.states.kinds(this.database)];
    return {
      connections: this.keeper.connections.map((open) => {
        const { id } = open.declaration;
        return {
          connection: id,
          ...connections.find((c) => c.connection === id),
          kinds: kindsOf(open).map((kind) => {
            const found = kinds.find((k) => k.connection === id && k.kind === kind);
            return { ...found, kind, syncedSinceStart: found !== undefined && found.lastSuccessAt >= this.keeper.startedAt };
          }),
        };
      }),
      objects: await this.objects.countByKind(this.database),
      unpublishedEvents: await this.states.unpublished(this.database),
      handoffsOnTheirWay: await this.handoffs.onTheirWay(this.database),
    };
  }

  async progress(): Promise<ProgressAnswerV1> {
    const { connections, objects, unpublishedEvents, handoffsOnTheirWay } = await this.report();
    const kinds = connections.flatMap((connection) => connection.kinds);
    const synced = kinds.filter(({ syncedSinceStart }) => syncedSinceStart).length;
    return {
      idle: synced === kinds.length && unpublishedEvents === 0 && handoffsOnTheirWay === 0,
      counts: {
        kindsToSync: kinds.length,
        kindsSynced: synced,
        faultedConnections: connections.filter(({ state }) => state === 'faulted').length,
        malformedRecords: kinds.reduce((sum, { malformed = 0 }) => sum + malformed, 0),
        unpublishedEvents,
        handoffsOnTheirWay,
        ...Object.fromEntries(Object.entries(objects).map(([kind, count]) => [`objects.${kind}`, count])),
      },
    };
  }
}
