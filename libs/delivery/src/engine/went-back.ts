import type { Tx } from '@tieout/persistence';
import type { Ledger } from './ports.js';

/** Nothing is planned either: a line made now could take the key of one that was sent and forgotten. */
export const RESTORED = 'the database went back to an earlier point: nothing is sent until the ledger is derived again';
/** Where the destination keeps too little of our lines to write them back: what is owed is planned, and recognised there by its key. */
export const RECOGNISING =
  'the database went back to an earlier point: what is owed is planned, to be recognised in the destination';
export const RESTORE_LOCKS: readonly string[] = [RESTORED, RECOGNISING];

/**
 * Stops sending to every destination of the feed when the store went back, before the first request that a forgotten one could have been:
 * whoever notices stops all, since not each of them may be asked before the numbers have caught up.
 * @returns why nothing may be sent to the destination; null: it may
 */
export const lockedWhy = async (tx: Tx, ledger: Ledger, destination: string): Promise<string | null> => {
  const { guard, documents, connections, rules } = ledger;
  const state = await connections.read(tx, destination);
  if (!guard.wentBack(await documents.lastAttempt(tx), state?.derivedMs ?? 0)) return state?.locked ?? null;
  // Once more also where it is locked already: how long it has been locked counts from now, not from before the backup.
  const again = guard.notice();
  for (const id of [...new Set([...rules.destinations, destination])].sort()) {
    const { locked } = await connections.lock(tx, id);
    if (locked === null || !RESTORE_LOCKS.includes(locked) || again) await connections.setLock(tx, id, RESTORED);
  }
  return (await connections.read(tx, destination))?.locked ?? RESTORED;
};
