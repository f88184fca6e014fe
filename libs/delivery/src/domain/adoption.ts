import type { BookedDocument, BookedLine } from '@tieout/connector-kit';
import { decimal, sameDecimal } from '@tieout/model';
import type { AdoptionRules } from '@tieout/policy';
import type { LineContent } from './ledger.js';

/** A line that we owe and have not sent. */
export interface OpenLine {
  readonly postingKey: string;
  readonly entryId: string;
  readonly content: LineContent;
  readonly account?: string | undefined;
  readonly balancingAccount?: string | undefined;
}

/** A line that stands in the destination, with its document. */
export interface StandingLine {
  readonly document: BookedDocument;
  readonly line: BookedLine;
}

export interface Adoption {
  readonly open: OpenLine;
  readonly standing: StandingLine;
}

export interface AdoptionReport {
  readonly matched: readonly Adoption[];
  /** Several of ours fit several of theirs, and their figures do not say which is which. */
  readonly ambiguous: readonly { readonly open: readonly OpenLine[]; readonly standing: readonly StandingLine[] }[];
  /** Theirs that fit nothing of ours. */
  readonly unmatched: readonly StandingLine[];
}

/** Pairs what a predecessor booked with what we owe, by the fields that policy names; never by guess. */
export const matchLines = (
  open: readonly OpenLine[],
  standing: readonly StandingLine[],
  rules: AdoptionRules,
): AdoptionReport => {
  const ours = Map.groupBy(open, (line) => keyOfOpen(line, rules));
  const theirs = Map.groupBy(standing, (item) => keyOfStanding(item, rules));
  const report = {
    matched: [] as Adoption[],
    ambiguous: [] as { open: OpenLine[]; standing: StandingLine[] }[],
    unmatched: [] as StandingLine[],
  };
  for (const [key, group] of theirs) {
    const mine = ours.get(key) ?? [];
    const fitting = mine.filter((line) => group.some((item) => fits(line, item, rules)));
    const fit = group.filter((item) => mine.some((line) => fits(line, item, rules)));
    report.unmatched.push(...group.filter((item) => !fit.includes(item)));
    if (fit.length === 0) continue;
    const pairs = pairUp(fitting, fit);
    if (pairs === undefined) report.ambiguous.push({ open: fitting, standing: fit });
    else report.matched.push(...pairs);
  }
  return report;
};

/** One of each; or as many of each and all alike, so that it does not matter which is which. */
const pairUp = (ours: readonly OpenLine[], theirs: readonly StandingLine[]): Adoption[] | undefined => {
  if (ours.length !== theirs.length) return undefined;
  const alike =
    ours.every(({ content }) => sameDecimal(content.hours, ours[0]!.content.hours)) &&
    theirs.every(
      ({ line }) => sameDecimal(line.hours, theirs[0]!.line.hours) && sameDecimal(line.amount, theirs[0]!.line.amount),
    );
  if (ours.length > 1 && !alike) return undefined;
  return ours.map((open, n) => ({ open, standing: theirs[n]! }));
};

const fits = ({ content }: OpenLine, { line }: StandingLine, rules: AdoptionRules): boolean =>
  within(content.hours, line.hours, rules.toleranceHours) && within(content.amount, line.amount, rules.toleranceAmount);

const within = (a: string, b: string, tolerance: string): boolean =>
  decimal(a).minus(decimal(b)).abs().lessThanOrEqualTo(decimal(tolerance));

type Field = AdoptionRules['matchBy'][number];

const keyOfOpen = ({ content, account, balancingAccount }: OpenLine, { matchBy }: AdoptionRules): string => {
  const values: Record<Field, string | undefined> = {
    workerCode: content.workerCode,
    projectCode: content.projectCode,
    taskCode: content.taskCode,
    costCentre: content.costCentre,
    workDate: content.workDate,
    payCode: content.payCode,
    account,
    balancingAccount,
  };
  return JSON.stringify([content.legalEntityId, content.currency, ...matchBy.map((field) => values[field] ?? null)]);
};

const keyOfStanding = ({ document, line }: StandingLine, { matchBy }: AdoptionRules): string =>
  JSON.stringify([document.legalEntityId ?? null, document.currency ?? null, ...matchBy.map((field) => line[field] ?? null)]);
