import type { PostingPeriod } from '@tieout/delivery';

/** An accounting period, or a pay period, as one side knows it. */
export interface Period extends PostingPeriod {
  readonly open: boolean;
  /** Rises with every change of its state. */
  readonly revision: number;
}

export const LEGAL_ENTITY = 'US01';
/** Virtual time zero. */
export const EPOCH_MS = Date.UTC(2026, 10, 2);

export const PERIODS: readonly Period[] = [
  { code: '2026-10', startDate: '2026-10-01', endDate: '2026-10-31', open: true, revision: 1 },
  { code: '2026-11', startDate: '2026-11-01', endDate: '2026-11-30', open: true, revision: 1 },
  { code: '2026-12', startDate: '2026-12-01', endDate: '2026-12-31', open: true, revision: 1 },
];

export interface PeriodQuestion {
  readonly workDate: string;
  /** Where the line stands that a reversal negates. */
  readonly anchorPeriod?: string | undefined;
  /** Periods that the destination called closed, with the revision that we knew then. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Where it was, else where the work was done, else the next one that is open. */
export const periodFor = (question: PeriodQuestion, periods: readonly Period[]): Period | undefined => {
  const open = periods.filter((period) => period.open && period.revision > (question.refused[period.code] ?? -1));
  const anchor = open.find((period) => period.code === question.anchorPeriod);
  return anchor ?? open.find((period) => period.endDate >= question.workDate);
};
