import { describe, expect, it } from 'vitest';
import { compareCopy, type KnownVersion } from './versions.js';

const at = (sourceUpdatedAt: string | null, versionHash = 'a', sourceRevision: number | null = null): KnownVersion => ({
  versionHash,
  sourceUpdatedAt,
  sourceRevision,
  deleted: false,
});

describe('compareCopy', () => {
  it('takes the first copy', () => expect(compareCopy(undefined, at(null))).toBe('new-version'));
  it('knows the same content again, whatever the clock says', () =>
    expect(compareCopy(at('2026-11-01T10:00:00.000Z'), at('2026-11-01T11:00:00.000Z'))).toBe('same'));
  it('refuses an older copy', () =>
    expect(compareCopy(at('2026-11-01T10:00:00.000Z'), at('2026-11-01T09:00:00.000Z', 'b'))).toBe('stale'));
  it('compares instants, not their texts', () =>
    expect(compareCopy(at('2026-11-01T10:00:00.500Z'), at('2026-11-01T10:00:00Z', 'b'))).toBe('stale'));
  it('takes a change within the same second', () =>
    expect(compareCopy(at('2026-11-01T10:00:00.000Z'), at('2026-11-01T10:00:00.000Z', 'b'))).toBe('new-version'));
  it('believes revisions before clocks', () =>
    expect(compareCopy(at('2026-11-01T10:00:00.000Z', 'a', 5), at('2026-11-01T12:00:00.000Z', 'b', 4))).toBe('stale'));
  it('sees a deletion of equal content', () => expect(compareCopy(at(null), { ...at(null), deleted: true })).toBe('new-version'));
});
