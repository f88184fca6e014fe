import type { Tieout } from '@tieout/local';
import { decimalOf, hundredthsOf } from '../scenario/amounts.js';
import type { PlannedEntry, Situation } from '../scenario/scenario.js';
import type { Checklist } from './checklist.js';

const REASONS: Partial<Record<Situation, string>> = {
  'unknown-person': 'UNKNOWN_WORKER',
  'ended-project': 'INACTIVE_PROJECT',
  'closed-period': 'PERIOD_CLOSED',
};

interface Case {
  readonly reason: string;
  readonly totals: { readonly items: number; readonly hours: string };
}

/** Open cases by reason: how many items, how many hours. */
const openCases = async (tieout: Tieout): Promise<Map<string, string>> => {
  const { items } = await tieout.call<{ items: readonly Case[] }>('exception-management', 'GET', '/cases?state=open&limit=1000');
  const sums = new Map<string, { items: number; hours: bigint }>();
  for (const { reason, totals } of items) {
    const sum = sums.get(reason) ?? { items: 0, hours: 0n };
    sums.set(reason, { items: sum.items + totals.items, hours: sum.hours + hundredthsOf(totals.hours) });
  }
  return new Map([...sums].map(([reason, sum]) => [reason, `${sum.items} items, ${decimalOf(sum.hours)} h`]));
};

const expectedCases = (entries: readonly PlannedEntry[], still: readonly Situation[]): Map<string, string> =>
  new Map(
    still.map((situation) => {
      const held = entries.filter((entry) => entry.situation === situation);
      return [
        REASONS[situation]!,
        `${held.length} items, ${decimalOf(held.reduce((sum, entry) => sum + BigInt(entry.hundredths), 0n))} h`,
      ];
    }),
  );

const listed = (cases: Map<string, string>): string =>
  [...cases]
    .map(([reason, text]) => `${reason}: ${text}`)
    .sort()
    .join('; ');

/** The refusals stand as open cases with their reasons, and there is no other. */
export const checkCases = async (
  list: Checklist,
  phase: string,
  tieout: Tieout,
  entries: readonly PlannedEntry[],
  still: readonly Situation[],
): Promise<void> => {
  list.same(`${phase}: open cases`, listed(expectedCases(entries, still)), listed(await openCases(tieout)));
};

export const casesAre = async (tieout: Tieout, entries: readonly PlannedEntry[], still: readonly Situation[]): Promise<boolean> =>
  listed(expectedCases(entries, still)) === listed(await openCases(tieout));

export const hasCase = async (tieout: Tieout, reason: string): Promise<boolean> => (await openCases(tieout)).has(reason);
