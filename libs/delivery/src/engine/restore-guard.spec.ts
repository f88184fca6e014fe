import { describe, expect, it } from 'vitest';
import { RestoreGuard, type Mark, type Witness } from './restore-guard.js';

const witness = (): Witness => {
  let mark: Mark | undefined;
  return {
    read: async () => mark,
    write: async (told) => void (mark = told),
  };
};

describe('the guard', () => {
  it('notices that the numbers fell, in the process that saw them', () => {
    const guard = new RestoreGuard();
    expect([5, 9, 9].map((attempt) => guard.wentBack(attempt))).toEqual([false, false, false]);
    expect(guard.wentBack(8)).toBe(true);
    expect(guard.wentBack(8)).toBe(true);
  });

  it('and in a new one, by the witness', async () => {
    const there = witness();
    const guard = new RestoreGuard(there);
    guard.wentBack(9);
    await guard.tell();
    const reborn = new RestoreGuard(there);
    await reborn.start();
    expect(reborn.wentBack(8)).toBe(true);
  });

  it('counts anew for every replica once the ledger was derived again, but not when that is forgotten too', async () => {
    const there = witness();
    const [one, other] = [new RestoreGuard(there), new RestoreGuard(there)];
    for (const guard of [one, other]) guard.wentBack(100, 1_000);
    expect(one.wentBack(90, 1_000)).toBe(true);
    one.begin({ attempt: 90, derivedMs: 2_000 });
    expect(other.wentBack(91, 2_000)).toBe(false);
    await other.tell();
    const reborn = new RestoreGuard(there);
    await reborn.start();
    expect(reborn.wentBack(92, 2_000)).toBe(false);
    for (const guard of [one, other, reborn]) guard.wentBack(120, 2_000);
    for (const guard of [one, other, reborn]) expect(guard.wentBack(95, 1_000)).toBe(true);
  });

  it('says once that it noticed, until it counts anew', () => {
    const guard = new RestoreGuard();
    expect([guard.notice(), guard.notice()]).toEqual([true, false]);
    guard.begin({ attempt: 1, derivedMs: 1 });
    expect(guard.notice()).toBe(true);
  });
});
