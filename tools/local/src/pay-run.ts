import { setTimeout as delay } from 'node:timers/promises';
import type { Tieout } from './tieout.js';

interface PayRun {
  readonly id: string;
  readonly payGroup: string;
  readonly payPeriod: string;
  readonly cutOff: string;
  readonly state: string;
}
interface PayRunDetail extends PayRun {
  readonly preview: {
    readonly hash: string;
    readonly totals: { readonly count: number; readonly hours: string };
    readonly alerts: Readonly<Record<string, number>>;
  };
}

const SENT_MS = 60_000;

/**
 * Payroll looks at every pay run that is past its cut-off and signs what it saw; then the runs leave.
 * @returns one line per run; none where the bundle has no payroll.
 */
export const signPayRuns = async (tieout: Tieout, say: (text: string) => void): Promise<string[]> => {
  if (!tieout.services.includes('payroll-feed')) return [];
  const { items } = await tieout.callAsPayroll<{ items: PayRun[] }>('payroll-feed', 'GET', '/pay-runs?state=previewed');
  const lines: string[] = [];
  for (const { id, payGroup, payPeriod } of items) {
    const { preview } = await tieout.callAsPayroll<PayRunDetail>('payroll-feed', 'GET', `/pay-runs/${id}`);
    const { count, hours } = preview.totals;
    const alerts = Object.entries(preview.alerts).filter(([, people]) => people > 0);
    await tieout.callAsPayroll('payroll-feed', 'POST', `/pay-runs/${id}/sign`, { hash: preview.hash });
    say(`payroll signed ${payGroup}, ${payPeriod}: ${count} lines, ${hours} hours`);
    const state = await untilSettled(tieout, id);
    const looked = alerts.length === 0 ? 'nothing to look at' : alerts.map(([alert, people]) => `${alert} ${people}`).join(', ');
    lines.push(`pay run ${payGroup}, ${payPeriod}: ${count} lines, ${hours} hours; ${looked}; ${state}`);
  }
  return lines;
};

/** @throws Error when payroll does not answer in time. */
const untilSettled = async (tieout: Tieout, id: string): Promise<string> => {
  for (const deadline = Date.now() + SENT_MS; ;) {
    const { state } = await tieout.callAsPayroll<PayRun>('payroll-feed', 'GET', `/pay-runs/${id}`);
    if (state === 'acknowledged' || state === 'refused') return state;
    if (Date.now() > deadline) throw new Error(`pay run ${id} is ${state} after ${SENT_MS / 1000} s`);
    await delay(500);
  }
};
