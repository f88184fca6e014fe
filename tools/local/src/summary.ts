import { Decimal } from 'decimal.js';
import Table from 'cli-table3';
import type { ReconciliationResult, TotalsView } from './operate.js';
import type { Tieout } from './tieout.js';

export interface OpenReason {
  readonly reason: string;
  readonly legalEntityId: string;
  readonly cases: number;
  readonly items: number;
  readonly entries: number;
  readonly hours: string;
}

export const openReasons = async (tieout: Tieout): Promise<readonly OpenReason[]> =>
  (await tieout.call<{ reasons: OpenReason[] }>('exception-management', 'GET', '/cases/by-reason')).reasons;

const amounts = ({ amounts: byCurrency }: TotalsView): string =>
  Object.entries(byCurrency)
    .sort()
    .map(([currency, amount]) => `${grouped(amount)} ${currency}`)
    .join('\n');
const grouped = (amount: string): string => {
  const [whole = '0', part = '00'] = new Decimal(amount).toFixed(2).split('.');
  return `${whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')}.${part}`;
};
const hours = (text: string): string => new Decimal(text).toFixed(2);

/** Approved, posted, in flight and held per legal entity, as reconciliation read them at both ends. */
export const tieOutTable = (run: ReconciliationResult): string => {
  const table = new Table({
    head: ['legal entity', 'destination', '', 'entries', 'hours', 'cost'],
    style: { head: [], border: [] },
  });
  for (const line of run.lines) {
    const rows = [
      ['approved', line.approved],
      ['posted', line.posted],
      ['in flight', line.inFlight],
      ['held', line.held],
    ] as const;
    for (const [name, totals] of rows)
      table.push([
        name === 'approved' ? line.legalEntityId : '',
        name === 'approved' ? line.destination : '',
        name,
        totals.count,
        hours(totals.hours),
        amounts(totals),
      ]);
    table.push(['', '', 'differences', line.differences, '', '']);
  }
  return table.toString();
};

/** What waits for a person, by reason. */
export const heldTable = (reasons: readonly OpenReason[]): string => {
  const table = new Table({
    head: ['open cases: reason', 'legal entity', 'cases', 'items', 'hours'],
    style: { head: [], border: [] },
  });
  for (const { reason, legalEntityId, cases, items, hours: sum } of reasons)
    table.push([reason, legalEntityId, cases, items, hours(sum)]);
  return table.toString();
};
