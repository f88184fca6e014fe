import { openReasons } from '@tieout/local';
import { entryIdOf } from '@tieout/model';
import { verifyDemoFirm, type DemoFirm } from '@tieout/sandbox';
import { readBooks } from './books.js';
import { bookedTwice, compareBooks, notStanding, surplusLines, type Check } from './compare.js';
import type { World } from './fault.js';
import { readLedger } from './ledger.js';
import { mostAtOnce } from './measure.js';
import { SLOTS } from './policy.js';

export interface Verdict {
  readonly checks: readonly Check[];
  /** Released entries of which nothing stands in the ERP. */
  readonly lost: number;
  /** Documents that the ERP booked more than once. */
  readonly duplicated: number;
}

/** All invariants that can be seen from outside, against the ERP's own books. */
export const verify = async ({ tieout, demo, recorder }: World, firm: DemoFirm): Promise<Verdict> => {
  const run = await tieout.reconcile();
  const open: Record<string, number> = {};
  for (const { reason, items } of await openReasons(tieout)) open[reason] = (open[reason] ?? 0) + items;
  const [firmChecks, books, ledger] = await Promise.all([
    verifyDemoFirm({
      firm,
      erpUrl: demo.urls.erp,
      erpKey: demo.secrets.readKey,
      psa: { url: demo.urls.psa, key: demo.secrets.readKey },
      openCasesByReason: open,
    }),
    readBooks(demo.urls.erp, demo.secrets.readKey),
    readLedger(tieout.postgresUrl),
  ]);
  const most = mostAtOnce(recorder.writes);
  const differences = run.lines.reduce((sum, line) => sum + line.differences, 0);
  const released = firm.entries.filter(({ outcome }) => outcome === 'released');
  const checks = [
    {
      name: 'reconciliation ties out',
      ok: run.tiesOut,
      expected: 'yes',
      found: run.tiesOut ? 'yes' : (run.failure ?? `no: ${differences} differences`),
      examples: [],
    },
    ...firmChecks,
    ...compareBooks(books, ledger),
    {
      name: 'requests that book at once, at most the slots',
      ok: most <= SLOTS,
      expected: SLOTS,
      found: most,
      examples: [],
    },
  ];
  const ids = released.map(({ connection, key }) => entryIdOf(connection, key));
  return { checks, lost: notStanding(ids, books, ledger).length, duplicated: bookedTwice(surplusLines(books, ledger)).length };
};
