import { describe, expect, it } from 'vitest';
import { CutPlan, type Cut } from './cut-plan.js';

const run = (seed: number, count: number, subjectOf = (n: number) => `move ${n}`): (Cut | undefined)[] => {
  const plan = new CutPlan(seed);
  return Array.from({ length: count }, (_, n) => plan.next({ effect: 'writing', subject: subjectOf(n) }));
};
const cut = (cuts: readonly (Cut | undefined)[]): Cut[] => cuts.filter((one) => one !== undefined);

describe('which connections are cut', () => {
  it('is the same with the same seed, and another with another', () => {
    expect(run(7, 60)).toEqual(run(7, 60));
    expect(run(7, 60)).not.toEqual(run(8, 60));
  });
  it.each([1, 2, 3, 4, 5])('with seed %i: a third of a few, and each way soon', (seed) => {
    expect(cut(run(seed, 12))).toHaveLength(4);
    expect(new Set(cut(run(seed, 24))).size).toBe(4);
  });
  it('never keeps one document from getting through', () => {
    expect(cut(run(1, 100, () => 'move 1'))).toHaveLength(2);
  });
  it('comes to an end', () => {
    const all = run(1, 1_000);
    expect(cut(all)).toHaveLength(40);
    expect(cut(all.slice(500))).toEqual([]);
  });
});
