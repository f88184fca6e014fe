import type { BookedLine, PostingDocument, PostingLine, SourceMasterRecord } from '@tieout/connector-kit';
import {
  addDecimals,
  ALWAYS,
  decimal,
  Decimal,
  negate,
  periodCode,
  toDecimalString,
  type DecimalString,
  type MasterKind,
  type TimelineSegment,
} from '@tieout/model';
import { fromDate, fromDecimal, toDate, toDecimal } from './client/encoding.js';

// ---------------------------------------------------------------- descriptions

/** First field of our line descriptions; the number is the layout's version. */
const LINE = 'TO1';
const BALANCE = 'TO1-BALANCE';

const escape = (text: string): string => text.replace(/[%|]/g, (char) => (char === '%' ? '%25' : '%7C'));

/** Tryton's lines hold no worker, project or hours: they stand in the description, for people, read-back and reconciliation. */
export const lineDescription = (line: PostingLine): string =>
  [LINE, line.postingKey, escape(line.workerCode), escape(line.projectCode), line.hours, line.workDate].join('|');

const unescape = (text: string | undefined): string | undefined => text?.replaceAll('%7C', '|').replaceAll('%25', '%');

/** Ours, a balancing line of ours, or somebody else's. */
export const readDescription = (
  description: string | null,
): Pick<BookedLine, 'postingKey' | 'hours' | 'workerCode' | 'projectCode' | 'workDate'> | 'balance' | undefined => {
  const [mark, postingKey, workerCode, projectCode, hours, workDate] = (description ?? '').split('|');
  if (mark === BALANCE) return 'balance';
  if (mark !== LINE || postingKey === undefined || hours === undefined) return undefined;
  return { postingKey, hours, workerCode: unescape(workerCode), projectCode: unescape(projectCode), workDate };
};

// ---------------------------------------------------------------- moves

/** Ids at Tryton of what the document names by code. */
export interface MoveReferences {
  readonly journal: number;
  readonly period: number;
  account(code: string): number;
  costCentre(code: string): number;
}

const sides = (amount: DecimalString): { debit: unknown; credit: unknown } =>
  decimal(amount).isNegative()
    ? { debit: toDecimal('0'), credit: toDecimal(negate(amount)) }
    : { debit: toDecimal(amount), credit: toDecimal('0') };

/** One debit (a reversal: credit) per posting line, and one line per balancing account with the rest. */
export const toMove = (document: PostingDocument, references: MoveReferences): Record<string, unknown> => {
  const date = toDate(document.postingDate);
  const lines = document.lines.map((line) => ({
    account: references.account(line.account),
    ...sides(line.amount),
    description: lineDescription(line),
    ...(line.costCentre !== undefined && {
      analytic_lines: [['create', [{ account: references.costCentre(line.costCentre), ...sides(line.amount), date }]]],
    }),
  }));
  const balancing = [...new Set(document.lines.map((line) => line.balancingAccount))].flatMap((account) => {
    const sum = addDecimals(document.lines.filter((line) => line.balancingAccount === account).map((line) => line.amount));
    if (decimal(sum).isZero()) return [];
    return [{ account: references.account(account), ...sides(negate(sum)), description: `${BALANCE}|${document.documentKey}` }];
  });
  return {
    journal: references.journal,
    period: references.period,
    date,
    // The only place of a move that takes a reference of ours and can be searched.
    description: document.documentKey,
    lines: [['create', [...lines, ...balancing]]],
  };
};

/** Debit less credit. */
export const signedAmount = (debit: unknown, credit: unknown): DecimalString =>
  toDecimalString(new Decimal(fromDecimal(debit, 'debit')).minus(fromDecimal(credit, 'credit')));

// ---------------------------------------------------------------- master data

const present = (attributes: Readonly<Record<string, string | null | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).filter(
      (entry): entry is [string, string] => entry[1] !== null && entry[1] !== undefined && entry[1] !== '',
    ),
  );

const record = (
  kind: MasterKind,
  id: number,
  code: string,
  attributes: Readonly<Record<string, string | null | undefined>>,
): SourceMasterRecord => ({
  kind,
  externalId: String(id),
  code,
  timeline: [{ validFrom: ALWAYS, attributes: present({ code, ...attributes }) }],
});

export interface EmployeeRow {
  readonly id: number;
  readonly 'party.': { readonly code: string | null };
  readonly start_date: unknown;
  readonly end_date: unknown;
}
export const toWorker = (row: EmployeeRow, legalEntity: string): SourceMasterRecord | undefined => {
  const code = row['party.'].code;
  if (!code) return undefined;
  return record('worker', row.id, code, {
    legalEntity,
    type: 'employee',
    activeFrom: fromDate(row.start_date, 'start_date'),
    activeTo: fromDate(row.end_date, 'end_date'),
  });
};

export interface CostPriceRow {
  readonly employee: number;
  readonly date: unknown;
  readonly cost_price: unknown;
}
/** The employee's whole price history; none yet: no record. Two prices of one date: Tryton takes the last one entered, so do we. */
export const toCostRate = (
  row: EmployeeRow,
  prices: readonly CostPriceRow[],
  currency: string,
): SourceMasterRecord | undefined => {
  const code = row['party.'].code;
  if (!code || prices.length === 0) return undefined;
  const byDate = new Map(
    prices.map((price) => [fromDate(price.date, 'date') ?? ALWAYS, fromDecimal(price.cost_price, 'cost_price')]),
  );
  const timeline: TimelineSegment[] = [...byDate]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([validFrom, amount]) => ({ validFrom, attributes: { code, worker: code, amount, currency } }));
  return { kind: 'cost-rate', externalId: String(row.id), code, timeline };
};

export interface WorkRow {
  readonly id: number;
  readonly name: string;
  readonly timesheet_start_date: unknown;
  readonly timesheet_end_date: unknown;
  readonly write_date: unknown;
  readonly create_date: unknown;
  readonly 'status.': { readonly progress: number | null } | null;
}
/** Works have no code: the first word of the name is taken for it ("P-100 Warehouse move"). */
export const toProject = (row: WorkRow, legalEntity: string): SourceMasterRecord | undefined => {
  const [code, ...rest] = row.name.trim().split(/\s+/);
  if (!code) return undefined;
  // "Done" carries no date of its own; the day of the last change is the nearest thing.
  const doneOn = row['status.']?.progress === 1 ? fromDate(row.write_date ?? row.create_date, 'write_date') : undefined;
  return record('project', row.id, code, {
    name: rest.join(' ') || code,
    legalEntity,
    activeFrom: fromDate(row.timesheet_start_date, 'timesheet_start_date'),
    activeTo: fromDate(row.timesheet_end_date, 'timesheet_end_date') ?? doneOn,
  });
};

export interface AnalyticAccountRow {
  readonly id: number;
  readonly code: string | null;
  readonly name: string;
}
export const toCostCentre = (row: AnalyticAccountRow, legalEntity: string): SourceMasterRecord | undefined =>
  row.code ? record('cost-centre', row.id, row.code, { name: row.name, legalEntity }) : undefined;

export interface PeriodRow {
  readonly id: number;
  readonly name: string;
  readonly start_date: unknown;
  readonly end_date: unknown;
  readonly state: string;
}
export const toPeriod = (row: PeriodRow, legalEntity: string): SourceMasterRecord =>
  record('accounting-period', row.id, periodCode(legalEntity, row.name), {
    legalEntity,
    startDate: fromDate(row.start_date, 'start_date'),
    endDate: fromDate(row.end_date, 'end_date'),
    state: row.state === 'open' ? 'open' : 'closed',
  });

export interface CompanyRow {
  readonly id: number;
  readonly 'party.': { readonly name: string };
  readonly 'currency.': { readonly code: string };
  readonly timezone?: string | null;
}
export const toLegalEntity = (row: CompanyRow, legalEntity: string): SourceMasterRecord =>
  record('legal-entity', row.id, legalEntity, {
    name: row['party.'].name,
    currency: row['currency.'].code,
    timeZone: row.timezone,
  });
