import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReleasedContent } from '@tieout/model';
import type { Verdict } from './assess.js';
import { decide, NOTHING_YET, type Standing, type Subject } from './decide.js';

const content = (hours: string): ReleasedContent => ({
  workerId: '00000000-0000-5000-8000-000000000001',
  workerCode: 'E1',
  workerType: 'employee',
  legalEntityId: 'DE01',
  projectId: '00000000-0000-5000-8000-000000000002',
  projectCode: 'P1',
  workDate: '2026-11-02',
  hours,
  billable: true,
  cost: { amount: '100.00', currency: 'EUR', rateId: 'r@1', rate: '50' },
  routes: ['erp'],
});
const verdictOf = (of: ReleasedContent): Verdict => ({
  kind: 'released',
  content: of,
  period: 'DE01/2026-11',
  postingDate: of.workDate,
  override: undefined,
  dependsOn: [],
  legalEntityId: 'DE01',
});
const released = (versionNo: number, hours = '8'): Subject => ({
  kind: 'approved',
  versionNo,
  ratesAnew: 'yes',
  verdict: verdictOf(content(hours)),
});
const held = (versionNo: number, detail = 'x'): Subject => ({
  kind: 'approved',
  versionNo,
  ratesAnew: 'yes',
  verdict: {
    kind: 'held',
    refusals: [{ reason: 'UNKNOWN_PROJECT', detail, subject: 'project:P1' }],
    cost: undefined,
    override: undefined,
    reassessAt: undefined,
    dependsOn: [],
    legalEntityId: 'DE01',
  },
});
const gone = (cause: 'unapproved' | 'deleted' = 'unapproved'): Subject => ({ kind: 'not-approved', cause });
const play = (...subjects: Subject[]) => {
  let standing: Standing = NOTHING_YET;
  const told: string[] = [];
  for (const subject of subjects) {
    const decided = decide(standing, subject);
    standing = decided.standing;
    told.push(...decided.decisions.map((d) => ('releaseNo' in d ? `${d.kind} ${d.releaseNo}` : d.kind)));
  }
  return { standing, told };
};

describe('decide', () => {
  it('releases once for the same content', () =>
    expect(play(released(1), released(1), released(2)).told).toEqual(['released 1']));
  it('gives a correction the next release number', () =>
    expect(play(released(1), released(2, '7')).told).toEqual(['released 1', 'released 2']));
  it('withdraws with a number of its own, and releases again after it', () =>
    expect(play(released(1), gone(), gone(), released(3)).told).toEqual(['released 1', 'withdrawn 2', 'released 3']));
  it('says nothing of time that was never approved', () => expect(play(gone(), gone('deleted')).told).toEqual([]));
  it('tells a hold once, and again when the reason changes', () =>
    expect(play(held(1), held(1), held(1, 'y')).told).toEqual(['held', 'held']));
  it('keeps the release of a version that policy would hold by now', () => {
    const { told, standing } = play(released(1), held(1));
    expect(told).toEqual(['released 1']);
    expect(standing.released).not.toBeNull();
  });
  it('withdraws when a new version is held', () =>
    expect(play(released(1), held(2)).told).toEqual(['released 1', 'withdrawn 2', 'held']));
  it('closes the hold of time that is no longer approved', () =>
    expect(play(held(1), gone()).told).toEqual(['held', 'withdrawn 1']));
  it('closes the hold of an older version when the one that waits for its keys is no longer approved', () => {
    const waiting: Subject = {
      kind: 'approved',
      versionNo: 2,
      ratesAnew: 'yes',
      verdict: { kind: 'waiting', until: '2026-11-23T12:00:00.000Z', dependsOn: [], legalEntityId: 'DE01' },
    };
    expect(play(held(1), waiting, gone()).told).toEqual(['held', 'withdrawn 1']);
  });
  it('says nothing of the same time approved once more', () => {
    const at = (approvedAt: string, hours = '8'): Subject => ({
      kind: 'approved',
      versionNo: 1,
      ratesAnew: 'yes',
      verdict: verdictOf({ ...content(hours), approvedAt }),
    });
    expect(play(at('2026-11-22T16:00:00.000Z'), at('2026-11-23T09:00:00.000Z')).told).toEqual(['released 1']);
    expect(play(at('2026-11-22T16:00:00.000Z'), at('2026-11-23T09:00:00.000Z', '7')).told).toEqual(['released 1', 'released 2']);
  });
  describe('a rate that changed afterwards', () => {
    const rated = (rate: string, ratesAnew: 'yes' | 'no' | 'unknown', hours = '8'): Subject => ({
      kind: 'approved',
      versionNo: 1,
      ratesAnew,
      verdict: verdictOf({ ...content(hours), cost: { amount: rate, currency: 'EUR', rateId: `r@${rate}`, rate } }),
    });
    it.each([
      ['makes another release where policy corrects it', rated('60', 'yes'), ['released 1', 'released 2'], false],
      ['leaves what was sent alone', rated('60', 'no'), ['released 1'], false],
      ['waits until it is known whether it was sent', rated('60', 'unknown'), ['released 1'], true],
      ['comes along when the hours change too', rated('60', 'no', '7'), ['released 1', 'released 2'], false],
    ])('%s', (_what, then, told, asks) => {
      expect(play(rated('50', 'yes'), then).told).toEqual(told);
      expect(decide(play(rated('50', 'yes')).standing, then).asksWhetherSent).toBe(asks);
    });
    it('is corrected when it is found that nothing was sent', () =>
      expect(play(rated('50', 'yes'), rated('60', 'unknown'), rated('60', 'yes')).told).toEqual(['released 1', 'released 2']));
  });
  it('heals a hold', () => expect(play(held(1), released(1)).told).toEqual(['held', 'released 1']));

  it('never repeats or skips a decision or release number, and a release stands exactly when the last word was a release', () => {
    const subject = fc.oneof(
      fc.record({ v: fc.integer({ min: 1, max: 4 }), h: fc.constantFrom('7', '8') }).map(({ v, h }) => released(v, h)),
      fc.integer({ min: 1, max: 4 }).map((v) => held(v)),
      fc.constantFrom(gone(), gone('deleted')),
    );
    fc.assert(
      fc.property(fc.array(subject, { maxLength: 30 }), (subjects) => {
        let standing = NOTHING_YET;
        let lastRelease: 'released' | 'withdrawn' | undefined;
        for (const s of subjects) {
          const before = standing;
          const decided = decide(standing, s);
          standing = decided.standing;
          decided.decisions.forEach((d, i) => expect(d.decisionNo).toBe(before.decisionNo + i + 1));
          const numbers = decided.decisions.flatMap((d) => ('releaseNo' in d ? [d.releaseNo] : []));
          numbers.forEach((n, i) => expect(n).toBe(before.releaseNo + i + 1));
          for (const d of decided.decisions) if (d.kind !== 'held') lastRelease = d.kind;
          expect(standing.released !== null).toBe(lastRelease === 'released');
        }
      }),
    );
  });
});
