import type { DecimalString, Leg } from '@tieout/model';

/** What stays apart where postings are summed into one line; leg, kind, accounts and pay code always do. */
export const SUMMARY_FIELDS = ['worker', 'project', 'task', 'cost-centre', 'work-date'] as const;
export type SummaryField = (typeof SUMMARY_FIELDS)[number];

export interface LegQuestion {
  readonly workerType: 'employee' | 'contractor';
  readonly workerLegalEntityId: string;
  /** Absent: the project names none. */
  readonly projectLegalEntityId?: string | undefined;
}

export interface AccrualRules {
  readonly missing: 'none' | 'accrue';
  readonly unapproved: 'none' | 'accrue';
  /** Missing time has no project: it is booked on this one. */
  missingProject(legalEntityId: string): string | undefined;
  /** Of a person on a working day. */
  expectedHoursPerDay(region?: string): DecimalString;
}

export interface PayrollRules {
  /** Time off that HR tells payroll itself; sent twice it would be paid twice. */
  excludedPayCodes(legalEntityId: string): readonly string[];
  /** Hours of a run that is past its cut-off were changed: the next run pays the difference, or it waits for a decision. */
  correctionsAfterCutOff(legalEntityId: string): 'next-run' | 'hold';
  /** What the preview of a pay run points out. `changePercent`: of a person's hours against the last run. */
  readonly alerts: { readonly changePercent: number; readonly zeroHours: boolean; readonly leavers: boolean };
}

export interface AccountQuestion {
  readonly legalEntityId: string;
  readonly leg: Leg;
  readonly workerType: string;
  readonly billable: boolean;
}
export interface AccountAnswer {
  readonly account: string;
  readonly balancingAccount: string;
}
