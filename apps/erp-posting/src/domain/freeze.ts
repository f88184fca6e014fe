import type { PostingDocument, PostingLine } from '@tieout/connector-kit';
import {
  contentHash,
  controlTotals,
  type ConnectionId,
  type CurrencyCode,
  type EntryId,
  type Leg,
  type PostingKey,
  type PostingKind,
} from '@tieout/model';
import type { LineContent } from './ledger.js';
import { postingDateOf, type AccountingPeriod } from './periods.js';

/** A pending line with all that a document needs to know of it. */
export interface FreezableLine {
  readonly postingKey: PostingKey;
  readonly entryId: EntryId;
  readonly releaseNo: number;
  readonly leg: Leg;
  readonly kind: PostingKind;
  readonly reverses?: PostingKey | undefined;
  readonly content: LineContent;
  readonly account: string;
  readonly balancingAccount: string;
}

export interface PlacedLine {
  readonly line: FreezableLine;
  readonly period: AccountingPeriod;
}

export type FrozenDocument = PostingDocument & { readonly destination: ConnectionId };

export interface FreezeOptions {
  readonly destination: ConnectionId;
  readonly maxLines: number;
  /** Leaves a group that does not fill a document for later: there is a queue, so waiting costs nothing. */
  readonly onlyFull: boolean;
  readonly newKey: () => string;
}

/** Groups by legal entity, currency and posting period, in the order given, and cuts into documents. */
export const freezeDocuments = (placed: readonly PlacedLine[], options: FreezeOptions): FrozenDocument[] => {
  const groups = new Map<string, PlacedLine[]>();
  for (const item of placed) {
    const key = JSON.stringify([item.line.content.legalEntityId, item.line.content.currency, item.period.code]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()].flatMap((group) => {
    const { period } = group[0]!;
    const lines = group.map((item) => item.line);
    const chunks = cut(lines, options.maxLines);
    if (options.onlyFull && chunks.at(-1)!.length < options.maxLines) chunks.pop();
    return chunks.map((chunk) => documentOf(options.destination, options.newKey(), chunk, period));
  });
};

/** Control totals and hash over everything that is sent: a reused key with another content shows. */
export const documentOf = (
  destination: ConnectionId,
  documentKey: string,
  lines: readonly FreezableLine[],
  period: Pick<AccountingPeriod, 'code' | 'startDate' | 'endDate'>,
): FrozenDocument => {
  const { legalEntityId, currency } = lines[0]!.content;
  const postingDate = postingDateOf(
    lines.map((line) => line.content.workDate),
    period,
  );
  return sealed({
    destination,
    documentKey,
    legalEntityId,
    currency,
    postingPeriod: period.code,
    postingDate,
    lines: lines.map(postingLineOf),
  });
};

/** Halves of a document that the destination refused without naming a line. */
export const splitDocument = (document: FrozenDocument, newKey: () => string): [FrozenDocument, FrozenDocument] => {
  const [left, right] = halves(document.lines);
  const { destination, legalEntityId, currency, postingPeriod, postingDate } = document;
  const part = (lines: readonly PostingLine[]): FrozenDocument =>
    // The posting date stays: the halves are the same booking, cut to find the bad line.
    sealed({ destination, documentKey: newKey(), legalEntityId, currency, postingPeriod, postingDate, lines });
  return [part(left), part(right)];
};

export const sealed = (document: {
  destination: ConnectionId;
  documentKey: string;
  legalEntityId: string;
  currency: CurrencyCode;
  postingPeriod: string;
  postingDate: string;
  lines: readonly PostingLine[];
}): FrozenDocument => {
  // Order by key: the same members always hash alike, whatever order the store returns them in.
  const lines = [...document.lines].sort((a, b) => (a.postingKey < b.postingKey ? -1 : 1));
  const { destination, legalEntityId, currency, postingPeriod, postingDate } = document;
  return {
    ...document,
    lines,
    contentHash: contentHash({ destination, legalEntityId, currency, postingPeriod, postingDate, lines }),
    totals: controlTotals(
      lines.map((line) => ({ key: line.postingKey, hours: line.hours, amount: line.amount, currency: line.currency })),
    ),
  };
};

const postingLineOf = (line: FreezableLine): PostingLine => ({
  postingKey: line.postingKey,
  entryId: line.entryId,
  releaseNo: line.releaseNo,
  leg: line.leg,
  kind: line.kind,
  ...(line.reverses !== undefined && { reverses: line.reverses }),
  workerCode: line.content.workerCode,
  projectCode: line.content.projectCode,
  ...(line.content.taskCode !== undefined && { taskCode: line.content.taskCode }),
  ...(line.content.costCentre !== undefined && { costCentre: line.content.costCentre }),
  workDate: line.content.workDate,
  hours: line.content.hours,
  amount: line.content.amount,
  currency: line.content.currency,
  account: line.account,
  balancingAccount: line.balancingAccount,
});

/** Cuts at the maximum, but keeps an entry's reversal and new line in one document while they fit: booked together or not at all. */
const cut = (lines: readonly FreezableLine[], max: number): FreezableLine[][] => {
  const byEntry = new Map<EntryId, FreezableLine[]>();
  for (const line of lines) byEntry.set(line.entryId, [...(byEntry.get(line.entryId) ?? []), line]);
  const chunks: FreezableLine[][] = [];
  let chunk: FreezableLine[] = [];
  for (const family of byEntry.values()) {
    if (chunk.length > 0 && chunk.length + family.length > max) {
      chunks.push(chunk);
      chunk = [];
    }
    for (const line of family) {
      if (chunk.length === max) {
        chunks.push(chunk);
        chunk = [];
      }
      chunk.push(line);
    }
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
};

/** Cut between entries where there are several, so that a correction is torn apart only when nothing else is left. */
const halves = (lines: readonly PostingLine[]): [PostingLine[], PostingLine[]] => {
  const ordered = [...lines].sort((a, b) =>
    a.entryId < b.entryId ? -1 : a.entryId > b.entryId ? 1 : a.kind === 'reversal' ? -1 : 1,
  );
  let middle = Math.floor(ordered.length / 2);
  const torn = (at: number): boolean => at > 0 && at < ordered.length && ordered[at - 1]!.entryId === ordered[at]!.entryId;
  if (new Set(ordered.map((line) => line.entryId)).size > 1) {
    while (torn(middle)) middle += 1;
    if (middle === ordered.length) {
      middle = Math.floor(ordered.length / 2);
      while (torn(middle)) middle -= 1;
    }
  }
  return [ordered.slice(0, middle), ordered.slice(middle)];
};
