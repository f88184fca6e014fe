import { Fault } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { sealed } from './freeze.js';
import { backOffMs, consequenceOf, differenceOf, lookUpVerdict, outcomeOfError } from './outcomes.js';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const documentWith = (count: number) =>
  sealed({
    destination: 'erp',
    documentKey: uuid(99),
    legalEntityId: 'US01',
    currency: 'USD',
    postingPeriod: '2026-11',
    postingDate: '2026-11-05',
    lines: Array.from({ length: count }, (_, n) => ({
      postingKey: uuid(n),
      entryId: uuid(100 + n),
      releaseNo: 1,
      leg: 'labour-cost' as const,
      kind: 'post' as const,
      workerCode: 'E1',
      projectCode: 'P1',
      workDate: '2026-11-05',
      hours: '8',
      amount: '400',
      currency: 'USD',
      account: '5000',
      balancingAccount: '2100',
    })),
  });
const rejection = (cause: 'period-closed' | 'invalid-line' | 'other', lines: { postingKey: string; message: string }[] = []) => ({
  kind: 'rejected' as const,
  message: 'no',
  cause,
  lines,
});

describe('consequenceOf', () => {
  it('posted; the lines that a destination refused are not', () => {
    expect(
      consequenceOf(documentWith(2), { kind: 'posted', externalId: 'X', refused: [{ postingKey: uuid(1), message: 'bad' }] }),
    ).toEqual({
      kind: 'posted',
      externalId: 'X',
      accepted: [uuid(0)],
      refused: [{ postingKey: uuid(1), message: 'bad' }],
    });
  });
  it('every line refused is no posting', () => {
    expect(
      consequenceOf(documentWith(1), { kind: 'posted', externalId: 'X', refused: [{ postingKey: uuid(0), message: 'bad' }] }),
    ).toMatchObject({ kind: 'rejected', freed: [] });
  });
  it('named lines are rejected, the others go free', () => {
    expect(consequenceOf(documentWith(3), rejection('invalid-line', [{ postingKey: uuid(1), message: 'bad' }]))).toMatchObject({
      refused: [{ postingKey: uuid(1) }],
      freed: [uuid(0), uuid(2)],
      bisect: false,
    });
  });
  it('no line named: bisect, down to the single bad line', () => {
    expect(consequenceOf(documentWith(3), rejection('invalid-line'))).toMatchObject({
      bisect: true,
      refused: [],
      freed: [uuid(0), uuid(1), uuid(2)],
    });
    expect(consequenceOf(documentWith(1), rejection('invalid-line'))).toMatchObject({
      bisect: false,
      refused: [{ postingKey: uuid(0), message: 'no' }],
    });
  });
  it('a line named that is not ours counts as none', () => {
    expect(consequenceOf(documentWith(2), rejection('invalid-line', [{ postingKey: uuid(77), message: '?' }]))).toMatchObject({
      bisect: true,
    });
  });
  it('a closed period frees all lines and says which period', () => {
    expect(consequenceOf(documentWith(2), rejection('period-closed'))).toMatchObject({
      closedPeriod: '2026-11',
      freed: [uuid(0), uuid(1)],
      refused: [],
      bisect: false,
    });
  });
});

describe('outcomeOfError', () => {
  it('only a promise that nothing was executed is one', () => {
    for (const kind of ['Unavailable', 'RateLimited', 'CredentialsRejected'] as const)
      expect(outcomeOfError(new Fault(kind, 'x')).kind).toBe('not-executed');
    for (const kind of ['OutcomeUnknown', 'ContractBroken'] as const)
      expect(outcomeOfError(new Fault(kind, 'x')).kind).toBe('unknown');
    expect(outcomeOfError(new TypeError('bug')).kind).toBe('unknown');
  });
});

describe('lookUpVerdict', () => {
  const known = (over: object = {}) => ({
    protocol: 'draft-then-post' as const,
    draftId: undefined,
    absenceCounts: true,
    ...over,
  });
  const posted = (externalId: string) => ({ externalId, state: 'posted' as const });
  const draft = (externalId: string) => ({ externalId, state: 'draft' as const });

  it('one posted is adopted, at any time', () => {
    expect(lookUpVerdict([posted('1')], known({ absenceCounts: false }))).toMatchObject({ kind: 'adopt', externalId: '1' });
  });
  it('two posted are a duplicate, never adopted', () => {
    expect(lookUpVerdict([posted('1'), posted('2')], known())).toEqual({ kind: 'duplicate', externalIds: ['1', '2'] });
  });
  it('absence counts only when its time has come', () => {
    expect(lookUpVerdict([], known({ absenceCounts: false })).kind).toBe('wait');
    expect(lookUpVerdict([], known()).kind).toBe('resend');
  });
  it('a draft is posted, ours before any other', () => {
    expect(lookUpVerdict([draft('7')], known({ absenceCounts: false })).kind).toBe('wait');
    expect(lookUpVerdict([draft('7'), draft('8')], known({ draftId: '8' }))).toEqual({
      kind: 'post-draft',
      draftId: '8',
      surplusDrafts: ['7'],
    });
    expect(lookUpVerdict([draft('7')], known({ protocol: 'look-up' })).kind).toBe('wait');
  });
});

describe('differenceOf', () => {
  const sent = { postingPeriod: '2026-11', lines: [{ postingKey: uuid(1), hours: '8', amount: '400' }] };
  const booked = (over: object = {}) => ({
    externalId: 'X',
    state: 'posted' as const,
    postingPeriod: '2026-11',
    lines: [{ postingKey: uuid(1), hours: '8.00', amount: '400.0' }],
    ...over,
  });

  it('equal figures are equal, however written', () => expect(differenceOf(sent, booked())).toBeUndefined());
  it.each([
    [{ state: 'draft' }, 'draft'],
    [{ postingPeriod: '2026-12' }, 'period 2026-12'],
    [{ lines: [] }, '0 lines'],
    [{ lines: [{ postingKey: uuid(2), hours: '8', amount: '400' }] }, 'missing'],
    [{ lines: [{ postingKey: uuid(1), hours: '7', amount: '400' }] }, '7 hours'],
    [{ lines: [{ postingKey: uuid(1), hours: '8', amount: '401' }] }, 'amount 401'],
  ])('says what differs: %j', (over, text) => expect(differenceOf(sent, booked(over))).toContain(text));
});

describe('backOffMs', () => {
  it('doubles up to the longest', () => {
    expect([1, 2, 3, 10].map((n) => backOffMs(n, 250, 30_000))).toEqual([250, 500, 1_000, 30_000]);
  });
});
