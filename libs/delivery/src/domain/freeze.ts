import type { PostingDocument, PostingLine } from '@tieout/connector-kit';
import {
  canonicalJson,
  controlTotals,
  textHash,
  type ConnectionId,
  type ControlTotals,
  type CurrencyCode,
  type EntryId,
  type Leg,
  type PostingDate,
  type PostingKey,
  type PostingKind,
  type ReasonCode,
  type WorkDate,
} from '@tieout/model';
import type { LineContent } from './ledger.js';
import { summarised, type SummaryField } from './summarise.js';

/** A pending line with all that a document needs to know of it. */
export interface FreezableLine {
  readonly postingKey: PostingKey;
  readonly entryId: EntryId;
  readonly releaseNo: number;
  readonly leg: Leg;
  readonly kind: PostingKind;
  readonly reverses?: PostingKey | undefined;
  readonly content: LineContent;
  readonly traceparent?: string | undefined;
}

/** What a destination is told of a line's content. */
export type SentContent = Omit<LineContent, 'legalEntityId' | 'workerType' | 'approvedAt' | 'reverseInto' | 'billable'> & {
  readonly billable?: boolean | undefined;
};

/** A posting in a document, with the accounts it is booked to. */
export type MemberLine = Omit<FreezableLine, 'content'> & Accounts & { readonly content: SentContent };

/** Where a line is booked, in the destination's own word. */
export interface PostingPeriod {
  readonly code: string;
  readonly startDate: WorkDate;
  readonly endDate: WorkDate;
}

export interface Accounts {
  readonly account: string;
  readonly balancingAccount: string;
}

/** What a feed says of a pending line. `early`: nothing yet, asked again. */
export type Placing =
  | {
      readonly kind: 'placed';
      readonly period: PostingPeriod;
      readonly accounts: Accounts;
      /** Lines of different groups never share a document: a pay group. */
      readonly group?: string | undefined;
      /** Default: the latest work date, clipped into the period. */
      readonly postingDate?: PostingDate | undefined;
      /** The document waits for a signature. */
      readonly held?: boolean | undefined;
    }
  | { readonly kind: 'blocked'; readonly reason: ReasonCode; readonly detail: string }
  /** `forMs`: how long it is left alone; absent: a moment. */
  | { readonly kind: 'early'; readonly forMs?: number | undefined };

export interface PlacedLine {
  readonly line: FreezableLine;
  readonly at: Extract<Placing, { kind: 'placed' }>;
  /** Milliseconds since the epoch; the smaller goes first. */
  readonly rank: number;
  readonly lane: string;
}

export type FrozenDocument = PostingDocument & {
  readonly destination: ConnectionId;
  /** What is sent, and hashed, as canonical JSON. */
  readonly content: string;
};

/** A new document with what only its row says. */
export interface NewDocument extends FrozenDocument {
  readonly group: string | undefined;
  readonly held: boolean;
  readonly rank: number;
  readonly lane: string;
  /** The fields that its lines are summed by; undefined: line by line. */
  readonly summary: readonly SummaryField[] | undefined;
  readonly members: readonly MemberLine[];
}

export interface FreezeOptions {
  readonly destination: ConnectionId;
  readonly maxLines: number;
  /** Leaves a group that does not fill a document for later: its lane has a queue, so waiting costs nothing. */
  readonly onlyFull: (lane: string) => boolean;
  readonly newKey: () => string;
  readonly summaryOf: (line: FreezableLine) => readonly SummaryField[] | undefined;
}

/** Groups by legal entity, currency, posting period and what the feed keeps apart, in the order given, and cuts into documents. */
export const freezeDocuments = (placed: readonly PlacedLine[], options: FreezeOptions): NewDocument[] => {
  const groups = Map.groupBy(placed, ({ line, at, lane }) =>
    JSON.stringify([
      line.content.legalEntityId,
      line.content.currency,
      at.period.code,
      at.group,
      at.postingDate,
      at.held ?? false,
      lane,
      options.summaryOf(line),
    ]),
  );
  return [...groups.values()].flatMap((group) => {
    const chunks = cut(group, options.maxLines);
    if (options.onlyFull(group[0]!.lane) && chunks.at(-1)!.length < options.maxLines) chunks.pop();
    return chunks.map((chunk) => documentOf(options.destination, options.newKey(), chunk, options.summaryOf(chunk[0]!.line)));
  });
};

/** Control totals and hash over everything that is sent: a reused key with another content shows. */
export const documentOf = (
  destination: ConnectionId,
  documentKey: string,
  placed: readonly PlacedLine[],
  summary?: readonly SummaryField[],
): NewDocument => {
  const [{ line, at, lane }] = placed as readonly [PlacedLine, ...PlacedLine[]];
  const members = placed.map((item) => ({ ...item.line, ...item.at.accounts }));
  const document = sealed(
    {
      destination,
      documentKey,
      legalEntityId: line.content.legalEntityId,
      currency: line.content.currency,
      postingPeriod: at.period.code,
      postingDate:
        at.postingDate ??
        postingDateOf(
          placed.map((item) => item.line.content.workDate),
          at.period,
        ),
      lines: members.map(postingLineOf),
    },
    summary,
  );
  return {
    ...document,
    group: at.group,
    held: at.held ?? false,
    rank: Math.min(...placed.map(({ rank }) => rank)),
    lane,
    summary,
    members,
  };
};

/** The latest work date of the document, clipped into the period. */
export const postingDateOf = (
  workDates: readonly WorkDate[],
  period: Pick<PostingPeriod, 'startDate' | 'endDate'>,
): PostingDate => {
  const latest = workDates.reduce((a, b) => (a > b ? a : b));
  if (latest < period.startDate) return period.startDate;
  return latest > period.endDate ? period.endDate : latest;
};

/** The members of a document in two halves: it was refused without a line being named. */
export const halvesOf = <M extends { readonly entryId: EntryId; readonly kind: PostingKind }>(
  members: readonly M[],
): [M[], M[]] => halves(members);

export const sealed = (
  document: {
    destination: ConnectionId;
    documentKey: string;
    legalEntityId: string;
    currency: CurrencyCode;
    postingPeriod: string;
    postingDate: string;
    lines: readonly PostingLine[];
  },
  summary?: readonly SummaryField[],
): FrozenDocument => {
  // Order by key: the same members always hash alike, whatever order the store returns them in.
  const members = [...document.lines].sort((a, b) => (a.postingKey < b.postingKey ? -1 : 1));
  const lines = summary === undefined ? members : summarised(document.documentKey, members, summary);
  const { destination, legalEntityId, currency, postingPeriod, postingDate } = document;
  const content = canonicalJson({ destination, legalEntityId, currency, postingPeriod, postingDate, lines });
  return {
    ...document,
    lines,
    content,
    contentHash: textHash(content),
    // Of the postings, summed or not: what the ledger can prove line by line.
    totals: controlTotals(
      members.map((line) => ({ key: line.postingKey, hours: line.hours, amount: line.amount, currency: line.currency })),
    ),
  };
};

/** The document from its content. Only what has the stored hash may be sent. */
export const reopened = (documentKey: string, totals: ControlTotals, content: string): FrozenDocument => ({
  ...(JSON.parse(content) as Omit<FrozenDocument, 'documentKey' | 'totals' | 'content' | 'contentHash'>),
  documentKey,
  totals,
  content,
  contentHash: textHash(content),
});

/** Every posting that a line as sent stands for. */
export const postingKeysOf = (line: PostingLine): readonly PostingKey[] =>
  line.members?.map((member) => member.postingKey) ?? [line.postingKey];

export const postingLineOf = (line: MemberLine): PostingLine => ({
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
  billable: line.content.billable,
  ...(line.content.payCode !== undefined && { payCode: line.content.payCode }),
  ...(line.content.payGroup !== undefined && { payGroup: line.content.payGroup }),
  ...(line.content.counterparty !== undefined && { counterparty: line.content.counterparty }),
  ...(line.content.billAmount !== undefined && { billAmount: line.content.billAmount }),
  ...(line.content.billCurrency !== undefined && { billCurrency: line.content.billCurrency }),
});

/** Cuts at the maximum, but keeps an entry's reversal and new line in one document while they fit: booked together or not at all. */
const cut = (placed: readonly PlacedLine[], max: number): PlacedLine[][] => {
  const chunks: PlacedLine[][] = [];
  let chunk: PlacedLine[] = [];
  for (const family of Map.groupBy(placed, ({ line }) => line.entryId).values()) {
    if (chunk.length > 0 && chunk.length + family.length > max) {
      chunks.push(chunk);
      chunk = [];
    }
    for (const item of family) {
      if (chunk.length === max) {
        chunks.push(chunk);
        chunk = [];
      }
      chunk.push(item);
    }
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
};

/** Cut between entries where there are several, so that a correction is torn apart only when nothing else is left. */
const halves = <M extends { readonly entryId: EntryId; readonly kind: PostingKind }>(lines: readonly M[]): [M[], M[]] => {
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
