import { setTimeout as delay } from 'node:timers/promises';
import type { Tieout } from './tieout.js';

interface PayRun {
  readonly id: string;
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

export interface SignedRun {
  readonly text: string;
  readonly acknowledged: boolean;
}

/**
 * Payroll looks at every pay run that is past its cut-off and signs what it saw; then the runs leave.
 * @returns what became of each; none where the bundle has no payroll.
 */
export const signPayRuns = async (tieout: Tieout, say: (text: string) => void): Promise<SignedRun[]> => {
  if (!tieout.services.includes('payroll-feed')) return [];
  const { items } = await tieout.as('demo-payroll')<{ items: PayRun[] }>('payroll-feed', 'GET', '/pay-runs?state=previewed');
  const signed: SignedRun[] = [];
  for (const { id, payPeriod } of items) {
    const { preview } = await tieout.as('demo-payroll')<PayRunDetail>('payroll-feed', 'GET', `/pay-runs/${id}`);
    const { count, hours } = preview.totals;
    const alerts = Object.entries(preview.alerts).filter(([, people]) => people > 0);
    await tieout.as('demo-payroll')('payroll-feed', 'POST', `/pay-runs/${id}/sign`, { hash: preview.hash });
    say(`payroll signed ${payPeriod}: ${count} lines, ${hours} hours`);
    const state = await untilSettled(tieout, id);
    const looked = alerts.length === 0 ? 'nothing to look at' : alerts.map(([alert, people]) => `${alert} ${people}`).join(', ');
    const text = `pay run ${payPeriod}: ${count} lines, ${hours} hours; ${looked}; ${state}`;
    signed.push({ text, acknowledged: state === 'acknowledged' });
  }
  return signed;
};

/** @throws Error when payroll does not answer in time. */
const untilSettled = async (tieout: Tieout, id: string): Promise<string> => {
  for (const deadline = Date.now() + SENT_MS; ;) {
    const { state } = await tieout.as('demo-payroll')<PayRun>('payroll-feed', 'GET', `/pay-runs/${id}`);
    if (state === 'acknowledged' || state === 'refused') return state;
    if (Date.now() > deadline) throw new Error(`pay run ${id} is ${state} after ${SENT_MS / 1000} s`);
    await delay(500);
  }
};
