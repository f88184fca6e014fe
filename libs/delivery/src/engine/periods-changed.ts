import type { Tx } from '@tieout/persistence';
import { dissolve } from './dissolve.js';
import { CHANNELS } from './ledger.js';
import type { Ledger } from './ports.js';

/** Periods changed their state: what waits for them, or was frozen for them and not yet sent, is placed anew. */
export const periodsChanged = async (
  tx: Tx,
  ledger: Ledger,
  periods: readonly { readonly legalEntityId: string; readonly code: string }[],
): Promise<void> => {
  if (periods.length === 0) return;
  const unsent = await ledger.documents.lockUnsent(tx, periods);
  await dissolve(
    tx,
    ledger,
    unsent.map((document) => document.documentKey),
    'its period changed',
  );
  await ledger.postings.recheckBlocked(
    tx,
    periods.map(({ legalEntityId }) => legalEntityId),
  );
  await ledger.notices.wake(tx, CHANNELS.freeze);
};
