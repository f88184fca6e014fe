import {
  addDecimals,
  caseIdOf,
  decimal,
  REASON_CODES,
  type DecimalString,
  type Instant,
  type ReasonCode,
  type WorkDate,
} from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';

/** What the open items of a case add up to. */
export interface CaseTotals {
  readonly items: number;
  readonly hours: DecimalString;
  /** Per currency; items without a known rate add nothing. */
  readonly amounts: Readonly<Record<string, DecimalString>>;
  readonly earliestWorkDate: WorkDate | null;
}

/** The unit a person works on; "exception" in the field's words. */
export interface ExceptionCase {
  readonly caseId: string;
  readonly reason: ReasonCode;
  readonly groupKey: string;
  readonly legalEntityId: string;
  /** Counts how often this group came back after it was resolved. */
  readonly opening: number;
  readonly state: 'open' | 'resolved';
  readonly openedAt: Instant;
  readonly resolvedAt: Instant | null;
  readonly severity: 'critical' | 'high' | 'normal' | 'low';
  readonly owner: string;
  readonly dueAt: Instant;
  readonly totals: CaseTotals;
  /** A sample item's text, for lists. */
  readonly detail: string;
  /** What somebody could do, by that item; null: what the catalogue says of the reason. */
  readonly suggestion: string | null;
}

export interface CaseQuestion {
  readonly reason: ReasonCode;
  readonly groupKey: string;
  readonly legalEntityId: string;
  readonly totals: CaseTotals;
  readonly detail: string;
  readonly suggestion: string | null;
  readonly hoursToCutOff: number | undefined;
}

/** What becomes of a group's case when its open items add up to this. Severity and due date are computed, never typed in. Pure. */
export const settleCase = (
  current: ExceptionCase | undefined,
  question: CaseQuestion,
  policy: CompiledPolicy,
  now: Instant,
): ExceptionCase | undefined => {
  const { reason, groupKey, legalEntityId, totals } = question;
  const open = current?.state === 'open' ? current : undefined;
  if (totals.items === 0) return open === undefined ? undefined : { ...open, state: 'resolved', resolvedAt: now, totals };
  const openedAt = open?.openedAt ?? now;
  const opening = open?.opening ?? (current?.opening ?? 0) + 1;
  const [currency, amount] = largest(totals.amounts) ?? [];
  const severity = policy.severity({
    reason,
    hours: totals.hours,
    ...(amount !== undefined && { amount }),
    ...(currency !== undefined && { currency }),
    ...(question.hoursToCutOff !== undefined && { hoursToCutOff: question.hoursToCutOff }),
  });
  return {
    caseId: open?.caseId ?? caseIdOf(reason, groupKey, legalEntityId, opening),
    reason,
    groupKey,
    legalEntityId,
    opening,
    state: 'open',
    openedAt,
    resolvedAt: null,
    severity,
    owner: policy.owner(reason, legalEntityId).team,
    dueAt: policy.dueAt(severity, openedAt),
    totals,
    detail: question.detail,
    suggestion: question.suggestion,
  };
};

const largest = (amounts: Readonly<Record<string, DecimalString>>): [string, DecimalString] | undefined =>
  Object.entries(amounts).sort(([, a], [, b]) => decimal(b).abs().comparedTo(decimal(a).abs()))[0];

/** A case for a person's eyes: the catalogue's words beside the facts. */
export const describeCase = ({ suggestion, ...found }: ExceptionCase) => {
  const { title, explanation, impact, suggestedAction } = REASON_CODES[found.reason];
  return { ...found, title, explanation, impact, suggestedAction: suggestion ?? suggestedAction };
};

export const totalsOf = (
  items: readonly {
    hours: DecimalString | null;
    amount: DecimalString | null;
    currency: string | null;
    work_date: WorkDate | null;
  }[],
): CaseTotals => {
  const byCurrency = new Map<string, DecimalString[]>();
  for (const { amount, currency } of items)
    if (amount !== null && currency !== null) byCurrency.set(currency, [...(byCurrency.get(currency) ?? []), amount]);
  const dates = items.flatMap(({ work_date }) => work_date ?? []).sort();
  return {
    items: items.length,
    hours: addDecimals(items.flatMap(({ hours }) => hours ?? [])),
    amounts: Object.fromEntries([...byCurrency].map(([currency, amounts]) => [currency, addDecimals(amounts)])),
    earliestWorkDate: dates[0] ?? null,
  };
};
