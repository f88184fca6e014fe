import type { MasterObjectChangedV1 } from '@tieout/contracts';
import { periodsChanged } from '@tieout/delivery';
import type { PostgresLedger } from '@tieout/delivery/postgres';
import type { ReceivedEvent } from '@tieout/messaging';
import { recordReceipts } from '@tieout/persistence';

/** Keeps the master data that posting reads. */
export class ApplyMasterData {
  constructor(private readonly ledger: PostgresLedger) {}

  async apply(events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    const { database, master } = this.ledger;
    await database.transaction(async (tx) => {
      await recordReceipts(tx, events);
      const changed = await master.apply(tx, events);
      const codes = new Set(changed.filter(({ kind }) => kind === 'accounting-period').map(({ code }) => code));
      await periodsChanged(tx, this.ledger, [...codes].map(splitCode));
    });
  }
}

/** "US01/2026-11": legal entity and the destination's name of the period. */
const splitCode = (code: string): { legalEntityId: string; code: string } => {
  const slash = code.indexOf('/');
  return { legalEntityId: code.slice(0, slash), code: code.slice(slash + 1) };
};
