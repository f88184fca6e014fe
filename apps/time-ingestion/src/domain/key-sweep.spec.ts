import { describe, expect, it } from 'vitest';
import { judgeSweep } from './key-sweep.js';

const limit = { share: 0.2, count: 3 };
const reading = (keys: string[], total?: number) => ({ keys: new Set(keys), total });
const known = Array.from({ length: 20 }, (_, i) => `k${i}`);

describe('judgeSweep', () => {
  it('finds what is gone', () =>
    expect(judgeSweep(known, reading(known.slice(1), 19), limit)).toEqual({ kind: 'complete', missing: ['k0'] }));
  it('does not believe a half-read window', () =>
    expect(judgeSweep(known, reading(known.slice(0, 10), 20), limit)).toMatchObject({ kind: 'incomplete' }));
  it('does not believe an empty answer', () =>
    expect(judgeSweep(known, reading([], 0), limit)).toMatchObject({ kind: 'incomplete' }));
  it('takes a few deletions of a small firm for real', () =>
    expect(judgeSweep(['a', 'b'], reading([], 0), limit)).toEqual({ kind: 'complete', missing: ['a', 'b'] }));
  it('ignores keys that we do not hold', () =>
    expect(judgeSweep([], reading(['new'], 1), limit)).toEqual({ kind: 'complete', missing: [] }));
});
