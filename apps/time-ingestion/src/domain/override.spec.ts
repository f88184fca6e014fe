import { REASON_CODES, refusal, type ReasonCode } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entry, NOW, object, policyWith, replaced, view } from '../../test/assess-world.js';
import { assess } from './assess.js';
import { waive, type Override } from './override.js';

const override = (more: Partial<Override> = {}): Override => ({
  overrideId: 'o1',
  reasons: ['INACTIVE_PROJECT'],
  validUntil: '2026-11-23T12:00:00.000Z',
  approvedBy: 'user:finn',
  ...more,
});
const ENDED = replaced(object('project', 'P1', { legalEntity: 'DE01', activeTo: '2026-11-01' }));
const WAIVABLE = policyWith({}, { waivable: (reason) => reason === 'INACTIVE_PROJECT' || reason === 'PERIOD_CLOSED' });
const verdict = (one: Override | undefined, policy = WAIVABLE, subject = entry()) =>
  assess({ ...subject, override: one }, view(ENDED), policy, NOW);

describe('an override', () => {
  it('lets pass what it names, and the verdict says so', () =>
    expect(verdict(override())).toMatchObject({
      kind: 'released',
      override: { overrideId: 'o1', approvedBy: 'user:finn', reasons: ['INACTIVE_PROJECT'] },
    }));
  it.each([
    ['none', undefined],
    ['one whose time is over', override({ validUntil: NOW })],
    ['one for another reason', override({ reasons: ['CLOSED_TASK'] })],
  ])('%s changes nothing', (_what, one) =>
    expect(verdict(one)).toMatchObject({ kind: 'held', refusals: [{ reason: 'INACTIVE_PROJECT' }], override: undefined }),
  );
  it('counts only where policy lets the reason be waived', () =>
    expect(verdict(override(), policyWith())).toMatchObject({ kind: 'held', override: undefined }));
  it('leaves the rest held, and has it looked at again when it ends', () =>
    expect(verdict(override(), WAIVABLE, entry({ payCode: undefined }))).toMatchObject({
      kind: 'held',
      refusals: [{ reason: 'UNMAPPED_ACTIVITY' }],
      override: { reasons: ['INACTIVE_PROJECT'] },
      reassessAt: '2026-11-23T12:00:00.000Z',
    }));
  it('never books into a closed period, whatever policy says', () =>
    expect(
      verdict(override({ reasons: ['INACTIVE_PROJECT', 'PERIOD_CLOSED'] }), WAIVABLE, entry({ workDate: '2026-10-30' })),
    ).toMatchObject({
      kind: 'held',
      refusals: [{ reason: 'PERIOD_CLOSED' }],
    }));
  it('takes nothing but what is named and waivable, and hides nothing else', () => {
    const reason = fc.constantFrom(...(Object.keys(REASON_CODES) as ReasonCode[]));
    const reasons = fc.uniqueArray(reason, { maxLength: 6 });
    fc.assert(
      fc.property(reasons, reasons, reasons, (held, named, waivable) => {
        const refusals = held.map((one) => refusal(one, 's', 'd'));
        const policy = { waivable: (one: ReasonCode) => waivable.includes(one) };
        const { refusals: left, applied } = waive(refusals, override({ reasons: named }), policy, NOW);
        const passed = refusals.filter((one) => !left.includes(one)).map((one) => one.reason);
        expect(applied?.reasons ?? []).toEqual(passed);
        for (const one of passed) expect(named.includes(one) && waivable.includes(one)).toBe(true);
        expect(left.length + passed.length).toBe(refusals.length);
      }),
    );
  });
});
