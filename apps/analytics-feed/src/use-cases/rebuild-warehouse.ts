import { tell } from '@tieout/delivery';
import type { PostgresLedger } from '@tieout/delivery/postgres';
import { UNASSIGNED } from '@tieout/model';
import { notify } from '@tieout/persistence';
import type { DimensionStore } from '../adapters/postgres/dimension.store.js';
import type { RebuildStore, RebuildView } from '../adapters/postgres/rebuild.store.js';
import { DIMENSIONS_CHANNEL } from './apply-master-data.js';

export const REBUILD_CHANNEL = 'analytics_rebuild';

/** Sends everything that a warehouse should hold once more, under the same keys: into an emptied one, a new one, or a doubtful one. */
export class RebuildWarehouse {
  constructor(
    private readonly ledger: PostgresLedger,
    private readonly rebuilds: RebuildStore,
    private readonly dimensions: DimensionStore,
  ) {}

  /** Asked again while one is under way, it begins anew. @returns undefined: this service feeds no such warehouse. */
  async start(destination: string, actor: string): Promise<RebuildView | undefined> {
    const { database, rules, clock } = this.ledger;
    if (!rules.destinations.has(destination)) return undefined;
    await database.transaction(async (tx) => {
      await this.dimensions.forget(tx, destination);
      const documents = await this.rebuilds.start(tx, destination, { actor, now: clock.now() });
      await tell(tx, this.ledger, {
        audit: [
          {
            actor,
            action: 'warehouse.rebuild-started',
            subjectKind: 'connection',
            subjectId: destination,
            legalEntityId: UNASSIGNED,
            after: { documents },
          },
        ],
        events: [],
      });
      await notify(tx, REBUILD_CHANNEL);
      await notify(tx, DIMENSIONS_CHANNEL);
    });
    return this.view(destination);
  }

  /** @returns undefined when the warehouse was never rebuilt. */
  async view(destination: string): Promise<RebuildView | undefined> {
    return this.rebuilds.view(this.ledger.database, destination);
  }
}
