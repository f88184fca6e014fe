import { DIMENSION_KINDS } from '@tieout/connector-kit';
import type { MasterObjectChangedV1 } from '@tieout/contracts';
import type { PostgresLedger } from '@tieout/delivery/postgres';
import type { ReceivedEvent } from '@tieout/messaging';
import { notify, recordReceipts } from '@tieout/persistence';

export const DIMENSIONS_CHANNEL = 'analytics_dimensions';
const KINDS: ReadonlySet<string> = new Set(DIMENSION_KINDS);

/** Keeps the master data that a warehouse has as dimensions. */
export class ApplyMasterData {
  constructor(private readonly ledger: Pick<PostgresLedger, 'database' | 'master'>) {}

  async apply(events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    const { database, master } = this.ledger;
    await database.transaction(async (tx) => {
      await recordReceipts(tx, events);
      const changed = await master.apply(
        tx,
        events.filter(({ body }) => KINDS.has(body.kind)),
      );
      if (changed.length > 0) await notify(tx, DIMENSIONS_CHANNEL);
    });
  }
}
