import type { PlanChange, PolicyPlanReportV1 } from '@tieout/contracts';
import { addDecimals, type DecimalString, type Instant } from '@tieout/model';

/** A bundle tried on recent entries by time-ingestion. */
export interface BundlePlan {
  readonly planId: string;
  readonly bundleId: string;
  readonly askedBy: string;
  readonly askedAt: Instant;
  readonly days: number;
  readonly state: 'running' | 'done' | 'failed';
  /** Entries looked at so far, of so many. */
  readonly done: number;
  readonly total: number;
  readonly problem: string | null;
  readonly report: PolicyPlanReportV1 | null;
  readonly finishedAt: Instant | null;
}

/** What an approver is shown with the bundle: all legal entities together, without examples. */
export interface PlanSummary extends Omit<BundlePlan, 'bundleId' | 'report'> {
  readonly entries: number | null;
  readonly unchanged: number | null;
  /** The policy that it was compared with. Another one is in force by now: plan again. */
  readonly activeDigest: string | null;
  readonly changes: readonly {
    readonly change: PlanChange;
    readonly entries: number;
    readonly hours: DecimalString;
    readonly amounts: Readonly<Record<string, DecimalString>>;
  }[];
}

export const summaryOf = ({ bundleId: _, report, ...plan }: BundlePlan): PlanSummary => {
  const entities = report?.legalEntities ?? [];
  const all = entities.flatMap(({ changes }) => changes);
  const changes = [...new Set(all.map(({ change }) => change))].map((change) => {
    const same = all.filter((one) => one.change === change);
    const currencies = [...new Set(same.flatMap(({ amounts }) => Object.keys(amounts)))].sort();
    return {
      change,
      entries: same.reduce((sum, { entries }) => sum + entries, 0),
      hours: addDecimals(same.map(({ hours }) => hours)),
      amounts: Object.fromEntries(
        currencies.map((currency) => [currency, addDecimals(same.flatMap(({ amounts }) => amounts[currency] ?? []))]),
      ),
    };
  });
  return {
    ...plan,
    entries: report?.entries ?? null,
    unchanged: report === null ? null : entities.reduce((sum, { unchanged }) => sum + unchanged, 0),
    activeDigest: report?.activeDigest ?? null,
    changes,
  };
};
