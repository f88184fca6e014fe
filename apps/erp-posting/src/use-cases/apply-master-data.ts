import type { MasterObjectChangedV1 } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import { notify, recordReceipts } from '@tieout/persistence';
import { dissolve } from './dissolve.js';
import { CHANNELS, type Ledger } from './ledger.js';

/** Keeps the master data that posting reads. A period that changed: what waits for it, or was frozen for it and not yet sent, is placed anew. */
export class ApplyMasterData {
  constructor(private readonly ledger: Ledger) {}

  async apply(events: readonly ReceivedEvent<MasterObjectChangedV1>[]): Promise<void> {
    const { database, master, documents, postings } = this.ledger;
    await database.transaction(async (tx) => {
      await recordReceipts(tx, events);
      const changed = new Set(
        (await master.apply(tx, events)).filter(({ kind }) => kind === 'accounting-period').map(({ code }) => code),
      );
      if (changed.size === 0) return;
      const periods = [...changed].map(splitCode);
      const unsent = await documents.lockUnsent(tx, periods);
      await dissolve(
        tx,
        this.ledger,
        unsent.map((document) => document.documentKey),
        'its accounting period changed',
      );
      await postings.recheckBlocked(
        tx,
        periods.map(({ legalEntityId }) => legalEntityId),
      );
      await notify(tx, CHANNELS.freeze);
    });
  }
}

/** "US01/2026-11": legal entity and the destination's name of the period. */
const splitCode = (code: string): { legalEntityId: string; code: string } => {
  const slash = code.indexOf('/');
  return { legalEntityId: code.slice(0, slash), code: code.slice(slash + 1) };
};
