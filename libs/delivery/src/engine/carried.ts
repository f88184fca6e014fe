import type { Tx } from '@tieout/persistence';
import { reopened, type FrozenDocument } from '../domain/freeze.js';
import { isOut } from '../domain/posting-states.js';
import type { DocumentContent, Ledger } from './ports.js';
import { toFrozenDocument, type DocumentRow, type Member } from './rows.js';

/** A document as it is sent, and the lines in it that are not out. */
export interface Carried {
  readonly document: FrozenDocument;
  readonly members: readonly Member[];
}

/**
 * What documents carry. While one is on its way it keeps what was frozen, so that a thousand lines are one read; the ledger's lines are
 * asked where the document sums them, and where it keeps nothing: it was read back before, restored, or lost some of its lines.
 */
export const carriedBy = async (
  tx: Tx,
  { documents, postings }: Pick<Ledger, 'documents' | 'postings'>,
  rows: readonly DocumentRow[],
): Promise<ReadonlyMap<string, Carried>> => {
  const contents = await documents.contents(
    tx,
    rows.map((row) => row.documentKey),
  );
  const asked = rows.filter((row) => row.summary !== null || !contents.has(row.documentKey)).map((row) => row.documentKey);
  const lines = Map.groupBy(asked.length === 0 ? [] : await postings.ofDocuments(tx, asked), (line) => line.documentKey);
  return new Map(
    rows.map((row) => {
      const standing = (lines.get(row.documentKey) ?? []).filter(({ state }) => !isOut(state));
      return [row.documentKey, carried(row, contents.get(row.documentKey), standing)];
    }),
  );
};

const carried = (row: DocumentRow, kept: DocumentContent | undefined, standing: readonly Member[]): Carried => {
  if (kept === undefined) return { document: toFrozenDocument(row, standing), members: standing };
  const document = reopened(row.documentKey, row.totals, kept.content);
  return { document, members: row.summary === null ? membersOf(row, document, kept.traceparents) : standing };
};

const membersOf = (row: DocumentRow, { lines }: FrozenDocument, traceparents: DocumentContent['traceparents']): Member[] =>
  lines.map((line, index) => ({
    postingKey: line.postingKey,
    entryId: line.entryId,
    destination: row.destination,
    legalEntityId: row.legalEntityId,
    documentKey: row.documentKey,
    releaseNo: line.releaseNo,
    leg: line.leg,
    kind: line.kind,
    reverses: line.reverses ?? null,
    state: 'sending',
    account: line.account,
    balancingAccount: line.balancingAccount,
    traceparent: traceparents[index] ?? null,
    content: line,
  }));
