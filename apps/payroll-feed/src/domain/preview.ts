import {
  addDecimals,
  contentHash,
  decimal,
  sameDecimal,
  type ControlTotals,
  type DecimalString,
  type WorkDate,
} from '@tieout/model';
import type { PayrollRules } from '@tieout/policy';

/** Hours of one person and pay code in one run. */
export interface PaidHours {
  readonly workerCode: string;
  readonly payCode: string;
  readonly hours: DecimalString;
}

export const ALERTS = ['leaver', 'zero-hours', 'large-change', 'new-person', 'negative'] as const;
export type Alert = (typeof ALERTS)[number];

export interface PersonPreview {
  readonly workerCode: string;
  readonly now: DecimalString;
  /** Absent: there is no earlier acknowledged run. */
  readonly last?: DecimalString | undefined;
  readonly payCodes: readonly {
    readonly payCode: string;
    readonly now: DecimalString;
    readonly last?: DecimalString | undefined;
  }[];
  readonly alerts: readonly Alert[];
}

export type RunTotals = Pick<ControlTotals, 'count' | 'hours' | 'hashTotal'>;

export interface PayRunPreview {
  readonly totals: RunTotals;
  readonly people: readonly PersonPreview[];
  /** How many people carry each alert. */
  readonly alerts: Readonly<Record<Alert, number>>;
  /** What payroll signs: it changes with every figure above and with every line behind them, and with nothing else. */
  readonly hash: string;
}

export interface PreviewQuestion {
  readonly runId: string;
  readonly endDate: WorkDate;
  readonly totals: RunTotals;
  readonly now: readonly PaidHours[];
  /** Of the last acknowledged run of the group; undefined: there is none. */
  readonly last: readonly PaidHours[] | undefined;
  /** Last day of employment by worker code, where one is known. */
  readonly activeTo: ReadonlyMap<string, WorkDate>;
  readonly rules: PayrollRules['alerts'];
}

/** Per person, what would be paid now against the last run, and what somebody should look at before signing. */
export const previewOf = (question: PreviewQuestion): PayRunPreview => {
  const now = Map.groupBy(question.now, ({ workerCode }) => workerCode);
  const last = question.last && Map.groupBy(question.last, ({ workerCode }) => workerCode);
  const codes = [...new Set([...now.keys(), ...(last?.keys() ?? [])])].sort();
  const people = codes.map((workerCode) =>
    personOf(workerCode, now.get(workerCode) ?? [], last?.get(workerCode) ?? [], question),
  );
  const counted = (alert: Alert): number => people.filter(({ alerts }) => alerts.includes(alert)).length;
  return {
    totals: question.totals,
    people,
    alerts: Object.fromEntries(ALERTS.map((alert) => [alert, counted(alert)])) as Record<Alert, number>,
    hash: contentHash({ runId: question.runId, totals: question.totals, people }),
  };
};

const personOf = (
  workerCode: string,
  now: readonly PaidHours[],
  last: readonly PaidHours[],
  question: PreviewQuestion,
): PersonPreview => {
  const compared = question.last !== undefined;
  const sum = (hours: readonly PaidHours[]): DecimalString => addDecimals(hours.map((one) => one.hours));
  const payCodes = [...new Set([...now, ...last].map(({ payCode }) => payCode))].sort().map((payCode) => {
    const of = (hours: readonly PaidHours[]): DecimalString => sum(hours.filter((one) => one.payCode === payCode));
    return { payCode, now: of(now), ...(compared && { last: of(last) }) };
  });
  const person = { workerCode, now: sum(now), ...(compared && { last: sum(last) }), payCodes };
  return { ...person, alerts: alertsOf(person, last.length > 0, question) };
};

const alertsOf = (
  { workerCode, now, last, payCodes }: Omit<PersonPreview, 'alerts'>,
  wasPaid: boolean,
  { rules, endDate, activeTo }: PreviewQuestion,
): Alert[] => {
  const left = (activeTo.get(workerCode) ?? endDate) < endDate;
  const none = sameDecimal(now, '0');
  const hadHours = last !== undefined && !sameDecimal(last, '0');
  return [
    ...(rules.leavers && left ? (['leaver'] as const) : []),
    // Who has left is expected to have none.
    ...(rules.zeroHours && none && hadHours && !(rules.leavers && left) ? (['zero-hours'] as const) : []),
    ...(hadHours && !none && changePercent(now, last).greaterThan(rules.changePercent) ? (['large-change'] as const) : []),
    ...(last !== undefined && !wasPaid ? (['new-person'] as const) : []),
    // Also of a single code: a total may hide it, and payroll must be able to take hours back.
    ...(payCodes.some((code) => decimal(code.now).isNegative() && !sameDecimal(code.now, '0')) ? (['negative'] as const) : []),
  ];
};

const changePercent = (now: DecimalString, last: DecimalString) =>
  decimal(now).minus(last).abs().times(100).dividedBy(decimal(last).abs());

/** @returns what was acknowledged otherwise than signed, for a person; undefined when all agrees. */
export const totalsDiffer = (signed: RunTotals, acknowledged: RunTotals): string | undefined => {
  if (signed.count !== acknowledged.count) return `${acknowledged.count} lines are acknowledged, ${signed.count} were signed`;
  if (!sameDecimal(signed.hours, acknowledged.hours))
    return `${acknowledged.hours} hours are acknowledged, ${signed.hours} were signed`;
  if (signed.hashTotal !== acknowledged.hashTotal) return 'other lines are acknowledged than were signed: the hash totals differ';
  return undefined;
};
