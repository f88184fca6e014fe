import { isAnalyticsTarget, segmentsOf, type DimensionKind, type DimensionRow } from '@tieout/connector-kit';
import type { Destination } from '@tieout/delivery';
import type { PostgresLedger } from '@tieout/delivery/postgres';
import type { MasterObject } from '@tieout/model';
import type { DimensionStore } from '../adapters/postgres/dimension.store.js';

/** Some hundred objects with their timelines are a request of well under a second. */
const BATCH = 500;

/**
 * Brings one warehouse the revisions that it does not have. Sent again after a crash: the same revision has no effect there. A fault goes
 * to the loop, which backs off; the budget tells others of an outage.
 */
export class DeliverDimensions {
  constructor(
    private readonly ledger: PostgresLedger,
    private readonly destination: Destination,
    private readonly store: DimensionStore,
  ) {}

  async run(): Promise<'more' | 'idle'> {
    const { database, connections, clock } = this.ledger;
    const { id, budget } = this.destination;
    const target = this.destination.target();
    if (!isAnalyticsTarget(target) || budget.paused() !== undefined) return 'idle';
    if ((await connections.read(database, id))?.locked) return 'idle';
    const due = await this.store.due(database, id, BATCH);
    if (due.objects.length === 0) return 'idle';
    await budget.use('send', () => target.upsertDimensions(due.objects.map(dimensionOf)));
    await database.transaction((tx) => this.store.delivered(tx, id, due, clock.now()));
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
