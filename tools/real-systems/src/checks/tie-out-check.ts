import type { ReconciliationResult, Tieout } from '@tieout/local';
import { decimalOf, hundredthsOf } from '../scenario/amounts.js';
import type { Checklist } from './checklist.js';

/** Count and hours in hundredths. */
export interface Share {
  readonly count: number;
  readonly hours: bigint;
}

/** What Tieout's own comparison of the two systems has to say. */
export interface OwedTieOut {
  readonly approved: Share;
  readonly posted: Share;
  readonly held: Share;
}

const NOTHING: Share = { count: 0, hours: 0n };

const sumOf = (run: ReconciliationResult, bucket: 'approved' | 'posted' | 'held' | 'inFlight'): Share =>
  run.lines.reduce(
    (sum, line) => ({ count: sum.count + line[bucket].count, hours: sum.hours + hundredthsOf(line[bucket].hours) }),
    NOTHING,
  );

const shown = ({ count, hours }: Share): string => `${count} (${decimalOf(hours)} h)`;

const described = (
  o: OwedTieOut & { readonly inFlight: Share; readonly differences: number; readonly tiesOut: boolean },
): string =>
  `${o.tiesOut ? 'ties out' : 'does not tie out'}: ${shown(o.approved)} approved, ${shown(o.posted)} posted, ${shown(o.held)} held, ${shown(o.inFlight)} in flight, ${o.differences} differences`;

/** Reconciliation reads both systems by itself: it must come to what we know, and must not say so while it cannot read one. */
export const checkTieOut = async (list: Checklist, phase: string, tieout: Tieout, owed: OwedTieOut): Promise<void> => {
  const run = await tieout.reconcile();
  const found = described({
    approved: sumOf(run, 'approved'),
    posted: sumOf(run, 'posted'),
    held: sumOf(run, 'held'),
    inFlight: sumOf(run, 'inFlight'),
    differences: run.lines.reduce((sum, line) => sum + line.differences, 0),
    tiesOut: run.tiesOut,
  });
  const expected = described({ ...owed, inFlight: NOTHING, differences: 0, tiesOut: true });
  list.same(`${phase}: reconciliation`, expected, run.failure === null ? found : `${found}; ${run.failure}`);
};

/** A run that cannot read the source says that, and no figures. */
export const checkTieOutFails = async (list: Checklist, phase: string, tieout: Tieout): Promise<void> => {
  const run = await tieout.reconcile();
  list.check(
    `${phase}: reconciliation says that it cannot tell`,
    !run.tiesOut && run.failure !== null,
    run.failure ?? `${run.lines.length} lines, ${run.tiesOut ? 'ties out' : 'does not tie out'}`,
  );
};
