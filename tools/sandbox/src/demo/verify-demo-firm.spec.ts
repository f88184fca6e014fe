import { entryIdOf, negate, postingKeyOf, type PostingKind } from '@tieout/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoFirm, expectedCounts, type DemoEntry, type DemoFirm } from '../demo-firm.js';
import { startSandboxErp, type SandboxErp } from '../erp/erp-server.js';
import type { ErpLine } from '../erp/erp-state.js';
import { startSandboxPsa } from '../psa/psa-server.js';
import { verifyDemoFirm } from './verify-demo-firm.js';

const lineOf = (entry: DemoEntry, releaseNo = 1, kind: PostingKind = 'post'): ErpLine => ({
  lineRef: postingKeyOf('erp', entryIdOf(entry.connection, entry.key), releaseNo, 'labour-cost', kind),
  account: '5100',
  offsetAccount: '2100',
  employee: entry.worker,
  project: entry.project,
  serviceDate: entry.date,
  quantity: kind === 'post' ? entry.hours : negate(entry.hours),
  value: '1.00',
});

describe('verifyDemoFirm', () => {
  const whole = demoFirm({ today: '2026-11-23' });
  const few = (outcome: string, count: number): DemoEntry[] =>
    whole.entries.filter((entry) => entry.outcome === outcome).slice(0, count);
  const released = few('released', 1_200);
  const held = few('held', 20);
  const firm: DemoFirm = { ...whole, entries: [...released, ...held, ...few('not-approved', 5), ...few('withdrawn', 1)] };
  const [first, second] = released as [DemoEntry, DemoEntry];
  const open = { ...expectedCounts(firm).reasons, MALFORMED_RECORD: firm.refused.length, MASTER_DATA_DRIFT: firm.drifts.length };

  let erp: SandboxErp;
  beforeEach(async () => {
    erp = await startSandboxErp({ readKey: 'reader' });
  });
  afterEach(() => erp.stop());

  const book = (lines: readonly ErpLine[]): void => {
    const head = { reference: 'R', company: 'US01', period: '2026-11', journalDate: '2026-11-20', currency: 'USD' };
    for (let at = 0; at < lines.length; at += 300) erp.state.book({ ...head, lines: lines.slice(at, at + 300) });
  };
  const failing = async (openCasesByReason: Readonly<Record<string, number>> = open) =>
    (await verifyDemoFirm({ firm, erpUrl: erp.url, erpKey: 'reader', openCasesByReason })).filter(({ ok }) => !ok);
  const names = async (): Promise<string[]> => (await failing()).map(({ name }) => name.split(',')[0]!);

  const ONCE = 'released entries that stand exactly once with their hours';
  const HOURS = 'hours in the ERP';
  const PAIRS = 'workers on projects whose hours differ';

  it('finds nothing wrong where every released entry stands, over pages and corrections', async () => {
    book(released.map((entry) => lineOf(entry, entry === first ? 2 : 1)));
    book([lineOf({ ...first, hours: '3' }, 1), lineOf({ ...first, hours: '3' }, 2, 'reversal')]);
    const withdrawn = firm.entries.find(({ outcome }) => outcome === 'withdrawn')!;
    book([lineOf(withdrawn), lineOf(withdrawn, 2, 'reversal')]);
    expect(await failing()).toEqual([]);
  });

  it('finds an empty ERP wrong', async () => {
    expect(await failing()).toMatchObject([
      { name: ONCE, expected: released.length, found: 0 },
      { name: HOURS, found: '0' },
      { name: expect.stringContaining(PAIRS) as string },
    ]);
  });

  it.each<[string, () => ErpLine[], string[]]>([
    ['a missing line', () => released.slice(1).map((entry) => lineOf(entry)), [ONCE, HOURS, PAIRS]],
    [
      'wrong hours',
      () => [lineOf({ ...first, hours: '0.01' }), ...released.slice(1).map((e) => lineOf(e))],
      [ONCE, HOURS, PAIRS],
    ],
    [
      'a line of a held entry',
      () => [...released, held[0]!].map((e) => lineOf(e)),
      ['entries that stand though held', HOURS, PAIRS],
    ],
    ['a line booked twice', () => [...released.map((e) => lineOf(e)), lineOf(second)], [ONCE, 'duplicate lines', HOURS, PAIRS]],
    ['two releases that both stand', () => [...released.map((e) => lineOf(e)), lineOf(second, 2)], [ONCE, HOURS, PAIRS]],
    [
      'a line of nobody',
      () => [...released.map((e) => lineOf(e)), { ...lineOf(first), lineRef: 'X' }],
      ['lines that no entry explains', HOURS, PAIRS],
    ],
    [
      'the right hours on the wrong project',
      () => [{ ...lineOf(first), project: 'US-P999' }, ...released.slice(1).map((e) => lineOf(e))],
      [PAIRS],
    ],
  ])('finds %s', async (_what, lines, expected) => {
    book(lines());
    expect(await names()).toEqual(expected);
  });

  it('compares open case items by reason, the ones that nobody expected too', async () => {
    book(released.map((entry) => lineOf(entry)));
    const { MALFORMED_RECORD: _refused, ...rest } = open;
    expect(await failing({ ...rest, CONTRACT_BROKEN: 1, UNKNOWN_WORKER: 4 })).toMatchObject([
      { name: 'open case items: CONTRACT_BROKEN', expected: 0, found: 1 },
      { name: 'open case items: MALFORMED_RECORD', expected: 8, found: 0 },
      { name: 'open case items: UNKNOWN_WORKER', expected: 5, found: 4 },
    ]);
  });

  it('finds won deals that are no project, two projects, or projects of no won deal', async () => {
    const psa = await startSandboxPsa({ readKey: 'reader' });
    try {
      book(released.map((entry) => lineOf(entry)));
      const made = (id: string, fields: object) => ({ id, createdAt: '2026-11-23T09:00:00.000Z', ...fields });
      const [code] = firm.handoffs.projects.map((project) => project.code);
      psa.lists.put('projects', { id: 'DE-P100', code: 'DE-P100' });
      psa.lists.put('projects', made('p1', { code }));
      erp.lists.put('projects', made('e1', { number: code }));
      const check = async () => {
        const question = { firm, erpUrl: erp.url, erpKey: 'reader', psa: { url: psa.url, key: 'reader' } };
        const checks = await verifyDemoFirm({ ...question, openCasesByReason: { ...open, HANDOFF_INCOMPLETE: 1 } });
        return checks.filter(({ ok }) => !ok).map(({ name, found }) => [name, found]);
      };
      expect(await check()).toEqual([]);
      erp.lists.put('projects', made('e2', { number: code }));
      psa.lists.put('projects', made('p2', { code: 'US-P500' }));
      expect(await check()).toEqual([
        ['projects in the PSA that stand twice or come from no won deal', 1],
        ['won deals that stand exactly once as a project in the ERP', 0],
        ['projects in the ERP that stand twice or come from no won deal', 2],
      ]);
    } finally {
      await psa.stop();
    }
  });

  it('does not take an ERP that refuses the key for an empty one', async () => {
    await expect(verifyDemoFirm({ firm, erpUrl: erp.url, erpKey: 'wrong', openCasesByReason: open })).rejects.toThrow('401');
  });
});
