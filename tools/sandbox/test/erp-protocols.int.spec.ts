import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSandboxErp, type ErpLine, type SandboxErp, type SandboxProtocol } from '../src/index.js';
import { callerOf, furnish, itemsOf, journal, line, type Call } from './erp-caller.js';

describe('what the ERP offers', () => {
  let erp: SandboxErp;
  let call: Call;
  beforeEach(async () => {
    erp = await startSandboxErp();
    furnish(erp);
    call = callerOf(erp);
  });
  afterEach(() => erp.stop());
  const offer = (protocol: SandboxProtocol): void => void (erp.panel.settings.protocol = protocol);

  it('upsert: the same twice is one, other content takes its place under the same number', async () => {
    offer('upsert');
    const put = (lines: readonly ErpLine[]) => call('PUT', '/journals/by-reference/R1', journal('R1', lines));
    const both = await Promise.all([put([line('L1')]), put([line('L1')])]);
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 201]);
    const changed = await put([line('L1', { value: '5' })]);
    expect([changed.status, changed.body['journalNo']]).toEqual([200, both[0]!.body['journalNo']]);
    expect(erp.state.byReference('R1').map((one) => one.lines[0]!.value)).toEqual(['5']);
    expect((await call('PUT', '/journals/by-reference/R2', journal('R1'))).status).toBe(400);
  });

  it('draft, then post: only what is posted stands in the books', async () => {
    offer('draft-then-post');
    const draft = await call('POST', '/journals?draft=true', journal('R1'));
    const no = String(draft.body['journalNo']);
    expect(itemsOf(await call('GET', '/journals?reference=R1'))).toMatchObject([{ journalNo: no, state: 'draft' }]);
    expect(itemsOf(await call('GET', '/journal-lines'))).toEqual([]);
    expect((await call('POST', `/journals/${no}/post`, {})).body).toMatchObject({ journalNo: no, state: 'posted' });
    const again = await call('POST', `/journals/${no}/post`, {});
    expect([again.status, again.body['error']]).toMatchObject([409, { code: 'ALREADY_POSTED', journalNo: no }]);
    expect((await call('DELETE', `/journals/${no}`)).status).toBe(409);
    const second = String((await call('POST', '/journals?draft=true', journal('R2'))).body['journalNo']);
    expect((await call('DELETE', `/journals/${second}`)).status).toBe(204);
    expect((await call('POST', `/journals/${second}/post`, {})).status).toBe(404);
    expect(itemsOf(await call('GET', '/journals?reference=R2'))).toEqual([]);
  });

  it('a draft is refused at posting when its period has closed in between', async () => {
    offer('draft-then-post');
    const no = String((await call('POST', '/journals?draft=true', journal('R1'))).body['journalNo']);
    erp.state.putPeriod({ ...erp.state.periods.get('DE01/2026-11')!, state: 'closed' });
    expect((await call('POST', `/journals/${no}/post`, {})).body['error']).toMatchObject({ code: 'PERIOD_CLOSED' });
  });

  it('look-up: the key means nothing, the reference is found', async () => {
    offer('look-up');
    for (let n = 0; n < 2; n += 1) await call('POST', '/journals', journal('R1'), { 'idempotency-key': 'K' });
    expect(itemsOf(await call('GET', '/journals?reference=R1'))).toHaveLength(2);
  });

  it('none: no reference is kept or can be searched', async () => {
    offer('none');
    const { body } = await call('POST', '/journals', journal('R1'), { 'idempotency-key': 'K' });
    expect((await call('GET', '/journals?reference=R1')).status).toBe(400);
    expect(itemsOf(await call('GET', `/journals?ids=${String(body['journalNo'])}`))).toMatchObject([{ reference: '' }]);
  });

  it.each(['upsert', 'draft-then-post'] as const)('%s is not offered unless the panel says so', async (protocol) => {
    const answer =
      protocol === 'upsert'
        ? await call('PUT', '/journals/by-reference/R1', journal('R1'))
        : await call('POST', '/journals?draft=true', journal('R1'));
    expect([answer.status, answer.body['error']]).toMatchObject([404, { code: 'NOT_OFFERED' }]);
  });

  it('keeps every word of a line, its members too, and lists whole journals by posting date', async () => {
    const members = [{ lineRef: 'M1', entry: 'e1', release: 2, quantity: '1', value: '2' }];
    const words = {
      entry: 'e1',
      release: 2,
      leg: 'labour-cost',
      kind: 'post',
      reverses: 'L0',
      task: 'T',
      costCenter: 'C',
      counterparty: 'US01',
    };
    const sent = line('L1', { ...words, members });
    await call('POST', '/journals', journal('R1', [sent]));
    for (const [n, day] of ['05', '03', '04', '03'].entries())
      erp.state.book(journal(`S${n}`, [line(`S${n}`)], { journalDate: `2026-11-${day}` }));
    const read: unknown[] = [];
    let after = '';
    do {
      const page = await call('GET', `/journals?from=2026-11-03&to=2026-11-20&limit=2&after=${after}`);
      read.push(...itemsOf(page));
      after = String(page.body['next'] ?? '');
    } while (after !== '');
    expect(read.map((one) => (one as { reference: string }).reference)).toEqual(['S1', 'S3', 'S2', 'S0', 'R1']);
    expect(read.at(-1)).toMatchObject({ lines: [sent] });
    expect(itemsOf(await call('GET', '/journal-lines?lineRef=M1'))).toMatchObject([{ lineRef: 'L1' }]);
    expect(itemsOf(await call('GET', '/journals?from=2026-11-04&to=2026-11-04'))).toHaveLength(1);
  });

  it('takes what predecessors booked, with references of their own or none', async () => {
    const { lineRef: _, ...anonymous } = line('x', { text: 'TS-4711 by script' });
    const before = { ...journal('SCRIPT-1'), lines: [anonymous, line('OLD-2', { text: 'TS-4712 by script' })] };
    expect((await call('POST', '/journals/import', { journals: [before] })).body).toEqual({ journals: 1 });
    expect(itemsOf(await call('GET', '/journal-lines'))).toMatchObject([
      { reference: 'SCRIPT-1', lineRef: 'SCRIPT-1-1', text: 'TS-4711 by script' },
      { reference: 'SCRIPT-1', lineRef: 'OLD-2', text: 'TS-4712 by script' },
    ]);
  });
});
