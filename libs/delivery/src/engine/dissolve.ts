import type { Tx } from '@tieout/persistence';
import { tell } from './ledger.js';
import type { Ledger } from './ports.js';

/** Dissolves documents that were never sent; their lines freeze anew. The caller has locked them. */
export const dissolve = async (tx: Tx, ledger: Ledger, documentKeys: readonly string[], reason: string): Promise<void> => {
  if (documentKeys.length === 0) return;
  const documents = await ledger.documents.lock(tx, documentKeys);
  const fit = documents.filter((document) => document.state === 'frozen' && !document.exposed);
  const keys = fit.map((document) => document.documentKey);
  await ledger.documents.dissolve(tx, keys);
  await ledger.postings.releaseDocuments(tx, keys);
  await tell(tx, ledger, {
    audit: fit.map((document) => ({
      action: 'document.dissolved',
      subjectKind: 'document',
      subjectId: document.documentKey,
      legalEntityId: document.legalEntityId,
      before: { state: document.state },
      after: { state: 'dissolved' },
      reason,
    })),
    events: [],
  });
};
