import { systemClock } from '@tieout/clock';
import type { PostingDocument, PostingLine } from '@tieout/connector-kit';
import { controlTotals, isFault } from '@tieout/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryton } from '../src/index.js';
import { FakeTryton } from './fake-tryton.js';

const DOCUMENT_KEY = '5b0a3f5e-0d3c-4c58-9a3e-0e6d5b7a9c11';

const line = (n: number, amount: string, more: Partial<PostingLine> = {}): PostingLine => ({
  postingKey: `00000000-0000-4000-8000-00000000000${n}`,
  entryId: `10000000-0000-4000-8000-00000000000${n}`,
  releaseNo: 1,
  leg: 'labour-cost',
  kind: 'post',
  workerCode: 'E101',
  projectCode: 'p-101',
  workDate: '2026-10-05',
  hours: '7.5',
  amount,
  currency: 'EUR',
  account: '6000',
  balancingAccount: '2900',
  ...more,
});
const documentOf = (lines: readonly PostingLine[]): PostingDocument => ({
  documentKey: DOCUMENT_KEY,
  contentHash: 'x',
  legalEntityId: 'ERP',
  postingPeriod: '2026-10',
  postingDate: '2026-10-31',
  currency: 'EUR',
  lines,
  totals: controlTotals(lines.map((l) => ({ key: l.postingKey, hours: l.hours, amount: l.amount, currency: l.currency }))),
});

describe('tryton', () => {
  let fake: FakeTryton;
  let url: string;
  beforeEach(async () => {
    fake = new FakeTryton();
    url = await fake.start();
  });
  afterEach(() => fake.stop());

  const deps = { connection: 'tryton', clock: systemClock };
  const config = () =>
    tryton.parseConfig({
      values: { url, database: 'erp', user: 'admin', password: fake.password, legalEntity: 'ERP' },
      secrets: new Set(['password']),
    });
  const target = () => tryton.postingTarget!(config(), deps);
  const read = async (kind: Parameters<NonNullable<ReturnType<NonNullable<typeof tryton.masterDataSource>>>['fetchPage']>[0]) =>
    tryton.masterDataSource!(config(), deps).fetchPage(kind, null);
  const outcomeOf = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.catch((error: unknown) => (isFault(error) ? error.kind : String(error)));
  const shown = (): unknown[] =>
    fake
      .table('account.move.line')
      .map((row) => [
        row['account'],
        (row['debit'] as { decimal: string }).decimal,
        (row['credit'] as { decimal: string }).decimal,
        row['description'],
      ]);

  it('makes one line per posting line, credits for reversals, and one balancing line per account', async () => {
    const lines = [
      line(1, '100.25'),
      line(2, '-30.20', { kind: 'reversal', hours: '-2' }),
      line(3, '0.05', { projectCode: 'a|b%' }),
    ];
    await target().createDraft!(documentOf(lines));
    expect(shown()).toEqual([
      [3, '100.25', '0', `TO1|${lines[0]!.postingKey}|E101|p-101|7.5|2026-10-05`],
      [3, '0', '30.2', `TO1|${lines[1]!.postingKey}|E101|p-101|-2|2026-10-05`],
      [3, '0.05', '0', `TO1|${lines[2]!.postingKey}|E101|a%7Cb%25|7.5|2026-10-05`],
      [8, '0', '70.1', `TO1-BALANCE|${DOCUMENT_KEY}`],
    ]);
    expect(fake.table('account.move')[0]).toMatchObject({ description: DOCUMENT_KEY, period: 10, journal: 2, state: 'draft' });
  });

  it('needs no balancing line where a document nets to nothing', async () => {
    const draft = await target().createDraft!(documentOf([line(1, '10'), line(2, '-10', { kind: 'reversal', hours: '-7.5' })]));
    expect(shown()).toHaveLength(2);
    expect(await target().postDraft!((draft as { draftId: string }).draftId, documentOf([]))).toMatchObject({ kind: 'posted' });
  });

  it('books the cost centre as an analytic line, and refuses one that Tryton does not know, naming the line', async () => {
    await target().createDraft!(documentOf([line(1, '10', { costCentre: 'CC100' })]));
    expect(fake.table('account.move.line')[0]!['analytic_lines']).toMatchObject([
      ['create', [{ account: 2, debit: { decimal: '10' } }]],
    ]);
    const refused = await target().createDraft!(documentOf([line(1, '10'), line(2, '10', { costCentre: 'CC999' })]));
    expect(refused).toMatchObject({
      kind: 'rejected',
      cause: 'invalid-line',
      lines: [{ postingKey: line(2, '0').postingKey, message: 'Tryton has no cost centre CC999' }],
    });
  });

  it('a posting period that Tryton does not have is a rejection', async () => {
    expect(await target().createDraft!({ ...documentOf([line(1, '1')]), postingPeriod: '2031-01' })).toMatchObject({
      kind: 'rejected',
      cause: 'other',
    });
    expect(fake.table('account.move')).toEqual([]);
  });

  it('opens an ended session again and books once', async () => {
    const one = target();
    await one.verifyAccess();
    fake.endSessions();
    expect(await one.createDraft!(documentOf([line(1, '1')]))).toMatchObject({ kind: 'drafted' });
    expect([fake.logins, fake.table('account.move').length]).toEqual([2, 1]);
  });

  it.each([
    [['ConcurrencyException', 'record was modified'], 'Unavailable'],
    [['OperationalError: server closed the connection unexpectedly', 'Traceback'], 'OutcomeUnknown'],
    [['UserWarning', ['w', 'Are you sure?', '']], { kind: 'rejected', cause: 'other', message: 'w: Are you sure?', lines: [] }],
    [["KeyError('x')", 'Traceback with insides'], { kind: 'rejected', cause: 'other', message: "KeyError('x')", lines: [] }],
    [
      ['UserError', ['You cannot add/modify/delete lines on closed journal-period "Expense - 2026-10".', '', null]],
      { cause: 'period-closed' },
    ],
    [['UserError', ['The period of move "4" is closed.\nReopen it.', '', null]], { cause: 'period-closed' }],
    [
      ['UserError', ['The date of move "4" is outside the period, you must change the date or the period.', '', null]],
      { cause: 'other' },
    ],
  ])('an answer with the error %j means %j', async (error, meaning) => {
    fake.nextErrors.push(error);
    const outcome = await outcomeOf(target().createDraft!(documentOf([line(1, '1')])));
    if (typeof meaning === 'string') expect(outcome).toBe(meaning);
    else expect(outcome).toMatchObject(meaning);
  });

  it('a draft that does not balance is refused when posted, and can be discarded', async () => {
    const one = target();
    const draft = await one.createDraft!(documentOf([line(1, '1')]));
    const { draftId } = draft as { draftId: string };
    (fake.table('account.move.line')[0]!['debit'] as { decimal: string }).decimal = '2';
    expect(await one.postDraft!(draftId, documentOf([]))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('must balance') as string,
    });
    await one.discardDraft!(draftId);
    expect(fake.table('account.move')).toEqual([]);
  });

  it('a posted move cannot be discarded', async () => {
    const one = target();
    const { draftId } = (await one.createDraft!(documentOf([line(1, '1')]))) as { draftId: string };
    await one.postDraft!(draftId, documentOf([]));
    expect(await outcomeOf(one.discardDraft!(draftId))).toBe('ContractBroken');
  });

  it('reads employees with their employment, and says which cannot be told apart', async () => {
    const page = await read('worker');
    expect(page.records.map((record) => record.timeline[0]!.attributes)).toEqual([
      { code: 'E101', legalEntity: 'ERP', type: 'employee', activeFrom: '2025-01-01' },
      { code: 'E102', legalEntity: 'ERP', type: 'employee', activeTo: '2026-03-31' },
    ]);
    expect(page.malformed.map((one) => one.externalId)).toEqual(['3']);
  });

  it('reads cost prices as one history per employee', async () => {
    const { records } = await read('cost-rate');
    expect(records).toEqual([
      {
        kind: 'cost-rate',
        externalId: '1',
        code: 'E101',
        timeline: [
          { validFrom: '2025-01-01', attributes: { code: 'E101', worker: 'E101', amount: '45', currency: 'EUR' } },
          { validFrom: '2026-06-01', attributes: { code: 'E101', worker: 'E101', amount: '50.25', currency: 'EUR' } },
        ],
      },
    ]);
  });

  it('takes the first word of a work as its code, and its end from the time sheet or from being done', async () => {
    const { records } = await read('project');
    expect(records.map((record) => record.timeline[0]!.attributes)).toEqual([
      { code: 'p-101', name: 'Warehouse move', legalEntity: 'ERP' },
      { code: 'p-102', name: 'Old thing', legalEntity: 'ERP', activeTo: '2026-06-30' },
      { code: 'p-103', name: 'Finished', legalEntity: 'ERP', activeTo: '2026-09-02' },
    ]);
  });

  it('reads closed and locked periods as closed', async () => {
    const { records } = await read('accounting-period');
    expect(records.map((record) => [record.code, record.timeline[0]!.attributes['state']])).toEqual([
      ['ERP/2026-09', 'closed'],
      ['ERP/2026-10', 'open'],
      ['ERP/2026-11', 'closed'],
    ]);
  });

  it('shows reconciliation lines of ours and of others, but neither drafts nor balancing lines', async () => {
    const one = target();
    const { draftId } = (await one.createDraft!(documentOf([line(1, '12.50')]))) as { draftId: string };
    const reader = tryton.controlReader!(config(), deps);
    const window = { from: '2026-10-01', to: '2026-10-31' };
    expect(await reader.readDestination!(window)).toEqual([]);
    await one.postDraft!(draftId, documentOf([]));
    const dec = (value: string) => ({ __class__: 'Decimal', decimal: value });
    fake
      .table('account.move.line')
      .push({ id: 900, move: Number(draftId), account: 3, debit: dec('5'), credit: dec('0'), description: 'by hand' });
    expect(await reader.readDestination!(window)).toMatchObject([
      {
        reference: line(1, '0').postingKey,
        documentReference: DOCUMENT_KEY,
        workerCode: 'E101',
        hours: '7.5',
        amount: '12.5',
        legalEntityId: 'ERP',
        postingPeriod: '2026-10',
      },
      { externalId: '900', amount: '5' },
    ]);
    expect(await reader.readDestination!({ from: '2026-11-01', to: '2026-11-30' })).toEqual([]);
  });

  it('reads the ledger for adoption and restore: our lines with their words, of others the cost side, no balancing lines', async () => {
    const one = target();
    const { draftId } = (await one.createDraft!(documentOf([line(1, '12.50', { projectCode: 'a|b%' })]))) as { draftId: string };
    const window = { from: '2026-10-01', to: '2026-10-31' };
    expect(await one.readLedger!(window, undefined)).toEqual({ documents: [] });
    await one.postDraft!(draftId, documentOf([]));
    const dec = (value: string) => ({ __class__: 'Decimal', decimal: value });
    const byHand = { move: Number(draftId), credit: dec('0'), debit: dec('5') };
    fake.table('account.move.line').push({ id: 900, account: 3, description: null, ...byHand });
    fake.table('account.move.line').push({ id: 901, account: 8, description: 'not on the cost side', ...byHand });
    const { documents } = await one.readLedger!(window, undefined);
    expect(documents).toEqual([
      {
        externalId: draftId,
        state: 'posted',
        reference: DOCUMENT_KEY,
        legalEntityId: 'ERP',
        postingPeriod: '2026-10',
        postingDate: '2026-10-31',
        lines: [
          {
            postingKey: line(1, '0').postingKey,
            hours: '7.5',
            amount: '12.5',
            workerCode: 'E101',
            projectCode: 'a|b%',
            workDate: '2026-10-05',
            account: '6000',
          },
          { postingKey: 'line 900', hours: '0', amount: '5', account: '6000' },
        ],
      },
    ]);
  });
});
