import { isAnalyticsTarget, segmentsOf, type DimensionKind, type DimensionRow } from '@tieout/connector-kit';
import { ConnectionHealth, type Destination } from '@tieout/delivery';
import type { PostgresLedger } from '@tieout/delivery/postgres';
import type { MasterObject } from '@tieout/model';
import type { DimensionStore } from '../adapters/postgres/dimension.store.js';

/** Some hundred objects with their timelines are a request of well under a second. */
const BATCH = 500;

/** Brings one warehouse the revisions that it does not have. Sent again after a crash: the same revision has no effect there. */
export class DeliverDimensions {
  readonly #health: ConnectionHealth;

  constructor(
    private readonly ledger: PostgresLedger,
    private readonly destination: Destination,
    private readonly store: DimensionStore,
  ) {
    this.#health = new ConnectionHealth(ledger);
  }

  async run(): Promise<'more' | 'idle'> {
    const { database, connections, clock } = this.ledger;
    const { id, budget } = this.destination;
    const target = this.destination.target();
    if (!isAnalyticsTarget(target) || budget.paused() !== undefined) return 'idle';
    if ((await connections.read(database, id))?.resting) return 'idle';
    const due = await this.store.due(database, id, BATCH);
    if (due.objects.length === 0) return 'idle';
    try {
      await budget.use('send', () => target.upsertDimensions(due.objects.map(dimensionOf)));
    } catch (error) {
      await database.transaction((tx) => this.#health.failed(tx, id, error));
      return 'idle';
    }
    await database.transaction(async (tx) => {
      await this.store.delivered(tx, id, due, clock.now());
      await this.#health.answered(tx, id);
    });
    return due.objects.length === BATCH ? 'more' : 'idle';
  }
}

const dimensionOf = ({ kind, id, code, revision, timeline }: MasterObject): DimensionRow => ({
  kind: kind as DimensionKind,
  id,
  code,
  revision,
  segments: segmentsOf(timeline),
});
