import type { BookedDocument, BookedLine } from '@tieout/connector-kit';
import { sameDecimal, type PostingKey } from '@tieout/model';
import { negated, type LineContent } from '../domain/ledger.js';
import { isInFlight } from '../domain/posting-states.js';
import type { BookedPosting, ForgottenLine, WantedOfEntry } from './ledger-import.js';
import type { PostingRow } from './rows.js';

/** What the lines of one document of ours, as it stands, are to the ledger. */
export interface RestoredLines {
  /** The ledger has them, and did not know that they are booked. */
  readonly adopted: readonly (BookedPosting & { readonly row: PostingRow })[];
  readonly forgotten: readonly ForgottenLine[];
  /** Why a line cannot be written back. */
  readonly unreadable: readonly string[];
}

/** Postings of a document as the destination tells them; a summed line is told by its members. */
export const linesOf = (document: BookedDocument): readonly BookedLine[] =>
  document.lines.flatMap((line) => line.members?.map((member) => ({ ...line, ...member })) ?? [line]);

interface Known {
  readonly destination: string;
  /** Every line that the ledger has of these entries, and of these keys. */
  readonly rows: readonly PostingRow[];
  /** What shall stand of these entries now. */
  readonly wanted: readonly WantedOfEntry[];
  /** Where keys were found standing before. */
  readonly standing: Map<string, string>;
}

export const sortLines = (document: BookedDocument, { destination, rows, wanted, standing }: Known): RestoredLines => {
  const byKey = new Map(rows.map((row) => [row.postingKey, row]));
  const adopted: (BookedPosting & { row: PostingRow })[] = [];
  const forgotten: ForgottenLine[] = [];
  const unreadable: string[] = [];
  for (const line of linesOf(document)) {
    const no = (why: string): unknown => unreadable.push(`${document.externalId} ${line.postingKey}: ${why}`);
    const before = standing.get(line.postingKey);
    standing.set(line.postingKey, document.externalId);
    const { account, balancingAccount } = line;
    const row = byKey.get(line.postingKey as PostingKey);
    if (before !== undefined) no(`stands in ${before} too`);
    else if (row === undefined) {
      const content = contentOf(document, line, [...rows, ...forgotten, ...wanted]);
      if (content === undefined) no('the destination tells too little of it');
      else forgotten.push({ ...identityOf(line), destination, content, account, balancingAccount });
    } else {
      const why = whyNot(row, document, line);
      if (why !== undefined) no(why);
      else adopted.push({ row, postingKey: row.postingKey, entryId: row.entryId, account, balancingAccount });
    }
  }
  return { adopted, forgotten, unreadable };
};

const whyNot = (row: PostingRow, document: BookedDocument, line: BookedLine): string | undefined => {
  const difference = differenceFromLedger(row.content, document, line);
  if (difference !== undefined) return `the ledger owes something else under this key: ${difference}`;
  if (isInFlight(row.state)) return `document ${row.documentKey} of the ledger, which holds it too, is still being looked up`;
  if (row.state === 'posted' || row.state === 'confirmed')
    return `the ledger knows it as booked with document ${row.documentKey}`;
  return undefined;
};

/** Compares what the destination tells; what it keeps nowhere, it cannot contradict. */
export const differenceFromLedger = (content: LineContent, document: BookedDocument, line: BookedLine): string | undefined => {
  if (!sameDecimal(content.hours, line.hours)) return `${content.hours} hours, there are ${line.hours}`;
  if (!sameDecimal(content.amount, line.amount)) return `${content.amount} ${content.currency}, there are ${line.amount}`;
  // A line that sums several says of its members only the figures.
  if (line.members !== undefined) return undefined;
  const told: Partial<Record<keyof LineContent, string | undefined>> = {
    legalEntityId: document.legalEntityId,
    currency: document.currency,
    workerCode: line.workerCode,
    projectCode: line.projectCode,
    taskCode: line.taskCode,
    workDate: line.workDate,
    payCode: line.payCode,
  };
  for (const [field, value] of Object.entries(told)) {
    const ours = content[field as keyof LineContent];
    if (value !== undefined && value !== ours) return `${field} ${String(ours ?? 'none')}, there it is ${value}`;
  }
  return undefined;
};

type Complete = Pick<ForgottenLine, 'postingKey' | 'entryId' | 'releaseNo' | 'leg' | 'kind' | 'reverses'>;
const identityOf = ({ postingKey, entryId, releaseNo, leg, kind, reverses }: BookedLine): Complete => ({
  postingKey,
  entryId: entryId!,
  releaseNo: releaseNo!,
  leg: leg!,
  kind: kind!,
  reverses,
});

/** A line that the ledger has, or wants, and that says the same says it completely; else what the destination tells must do. */
const contentOf = (
  document: BookedDocument,
  line: BookedLine,
  known: readonly {
    readonly postingKey?: string;
    readonly entryId: string;
    readonly leg: string;
    readonly kind: string;
    readonly content: LineContent;
  }[],
): LineContent | undefined => {
  const { entryId, releaseNo, leg, kind, workerCode, projectCode, workDate, members } = line;
  if (!entryId || !releaseNo || !leg || !kind) return undefined;
  const alike = known
    .filter((row) => row.entryId === entryId && row.leg === leg)
    .map((row) =>
      row.postingKey !== undefined && row.postingKey === line.reverses
        ? negated(row.content)
        : row.kind === kind
          ? row.content
          : undefined,
    )
    .find((content) => content !== undefined && differenceFromLedger(content, document, line) === undefined);
  if (alike !== undefined) return alike;
  const { legalEntityId, currency } = document;
  if (members !== undefined || !workerCode || !projectCode || !workDate || !legalEntityId || !currency) return undefined;
  return {
    legalEntityId,
    workerCode,
    workerType: leg === 'contractor-accrual' ? 'contractor' : 'employee',
    projectCode,
    ...(line.taskCode !== undefined && { taskCode: line.taskCode }),
    ...(line.costCentre !== undefined && { costCentre: line.costCentre }),
    workDate,
    hours: line.hours,
    amount: line.amount,
    currency,
    // Where the destination keeps it nowhere it does not matter: it decides accounts, and a reversal takes those of its line.
    billable: line.billable ?? false,
    ...(line.billAmount !== undefined && { billAmount: line.billAmount }),
    ...(line.billCurrency !== undefined && { billCurrency: line.billCurrency }),
    ...(line.payCode !== undefined && { payCode: line.payCode }),
  };
};
