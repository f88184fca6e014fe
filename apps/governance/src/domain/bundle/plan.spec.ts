import { describe, expect, it } from 'vitest';
import { summaryOf, type BundlePlan } from './plan.js';

const running: BundlePlan = {
  planId: 'p',
  bundleId: 'b',
  askedBy: 'user:ana',
  askedAt: '2026-11-23T09:00:00.000Z',
  days: 30,
  state: 'running',
  done: 100,
  total: 4000,
  problem: null,
  report: null,
  finishedAt: null,
};
const held = (entries: number, hours: string, amounts: Record<string, string>) =>
  ({ change: 'newly-held', entries, hours, amounts, examples: [] }) as const;

describe('summary of a plan', () => {
  it('says how far it is', () =>
    expect(summaryOf(running)).toMatchObject({
      planId: 'p',
      state: 'running',
      done: 100,
      entries: null,
      unchanged: null,
      changes: [],
    }));
  it('adds up legal entities, each currency for itself', () => {
    const report = {
      activeDigest: 'a',
      candidateDigest: 'c',
      days: 30,
      entries: 4000,
      seconds: 3,
      legalEntities: [
        { legalEntityId: 'DE01', entries: 1000, unchanged: 990, changes: [held(10, '75.5', { EUR: '3775' })] },
        {
          legalEntityId: 'US01',
          entries: 3000,
          unchanged: 2999,
          changes: [held(1, '8', { USD: '640', EUR: '5' }), { ...held(2, '1', { USD: '-3.5' }), change: 'amount' as const }],
        },
      ],
    };
    const summary = summaryOf({ ...running, state: 'done', report });
    expect(summary).toMatchObject({ entries: 4000, unchanged: 3989, activeDigest: 'a' });
    expect(summary.changes).toEqual([
      { change: 'newly-held', entries: 11, hours: '83.5', amounts: { EUR: '3780', USD: '640' } },
      { change: 'amount', entries: 2, hours: '1', amounts: { USD: '-3.5' } },
    ]);
    expect(JSON.stringify(summary)).not.toContain('examples');
  });
});
