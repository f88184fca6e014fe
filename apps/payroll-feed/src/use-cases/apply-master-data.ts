import type { MasterObjectChangedV1 } from '@tieout/contracts';
import { periodsChanged } from '@tieout/delivery';
import type { PostgresLedger } from '@tieout/delivery/postgres';
import type { ReceivedEvent } from '@tieout/messaging';
import type { MasterKind } from '@tieout/model';
import { recordReceipts } from '@tieout/persistence';
import { legalEntitiesOf } from '../adapters/postgres/pay-run.reads.js';
import type { OpenPayRuns } from './open-pay-runs.js';

/** What decides where a line goes. */
const DECISIVE: ReadonlySet<MasterKind> = new Set(['worker', 'pay-group', 'pay-period']);

/** Keeps the master data that payroll reads; what waited for it, or is not yet signed, is placed anew. */
export class ApplyMasterData {
  constructor(
    private readonly ledger: PostgresLedger,
    private readonly openRuns: OpenPayRuns,
  ) {}

  async apply(events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    const { database, master, postings } = this.ledger;
    await database.transaction(async (tx) => {
      await recordReceipts(tx, events);
      const changed = await master.apply(tx, events);
      const periods = changed.filter(({ kind }) => kind === 'pay-period').map(({ code }) => code);
      await periodsChanged(tx, this.ledger, periods.length === 0 ? [] : await legalEntitiesOf(tx, periods));
      if (changed.some(({ kind }) => DECISIVE.has(kind))) await postings.recheckBlocked(tx);
      if (changed.some(({ kind }) => kind === 'pay-period' || kind === 'pay-group')) await this.openRuns.open(tx);
    });
  }
}
