import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSnapshot, readable, type GivenRecord, type KnownRecord } from './snapshot.js';

const given = (externalId: string, code = externalId): GivenRecord => ({
  externalId,
  code,
  timeline: [{ validFrom: '0001-01-01', attributes: { code } }],
});
const hashed = (...ids: string[]) => readable(ids.map((id) => given(id))).records;
const known = (id: string, change: Partial<KnownRecord> = {}): KnownRecord => ({
  externalId: id,
  code: id,
  hash: hashed(id)[0]!.hash,
  missed: false,
  absentSince: null,
  ...change,
});
const limit = { share: 0.2, count: 2 };
const ids = (n: number) => Array.from({ length: n }, (_, i) => `r${i}`);

const compare = (before: KnownRecord[], now: string[], unreadable: string[] = [], max: typeof limit | 'accept-all' = limit) => {
  const result = compareSnapshot(
    before,
    hashed(...now),
    unreadable.map((externalId) => ({ externalId, why: 'x' })),
    max,
  );
  if (result.kind === 'mass-deletion') return result;
  const { changed, missed, vanished, found } = result;
  const names = (list: readonly { externalId: string }[]) => list.map(({ externalId }) => externalId);
  return { changed: names(changed), missed: names(missed), vanished: names(vanished), found: names(found) };
};

describe('compareSnapshot', () => {
  it.each([
    ['new', [], ['a'], { changed: ['a'] }],
    ['same', [known('a')], ['a'], {}],
    ['changed', [known('a', { hash: 'other' })], ['a'], { changed: ['a'] }],
    ['missing once', [known('a'), known('b')], ['b'], { missed: ['a'] }],
    ['missing twice', [known('a', { missed: true }), known('b')], ['b'], { vanished: ['a'] }],
    ['missed, then here', [known('a', { missed: true }), known('b')], ['a', 'b'], { found: ['a'] }],
    ['absent, still absent', [known('a', { missed: true, absentSince: '2026-01-01T00:00:00.000Z' }), known('b')], ['b'], {}],
    [
      'absent, then back unchanged',
      [known('a', { missed: true, absentSince: '2026-01-01T00:00:00.000Z' })],
      ['a'],
      { changed: ['a'] },
    ],
  ])('%s', (_title, before, now, expected) => {
    expect(compare(before, now)).toEqual({ changed: [], missed: [], vanished: [], found: [], ...expected });
  });
  it('does not take a record for gone that is there but cannot be read', () => {
    expect(compare([known('a', { missed: true }), known('b')], ['b'], ['a'])).toMatchObject({
      missed: [],
      vanished: [],
      found: ['a'],
    });
  });
  it('concludes nothing when more is gone than both limits allow', () => {
    const before = ids(20).map((id) => known(id, { missed: true }));
    expect(compare(before, ids(20).slice(4))).toMatchObject({ vanished: ids(4) });
    expect(compare(before, ids(20).slice(5))).toEqual({ kind: 'mass-deletion', gone: 5, known: 20 });
    expect(compare(before, ids(20).slice(5), [], 'accept-all')).toMatchObject({ vanished: ids(5) });
  });
  it('never takes an empty answer for the deletion of everything', () => {
    expect(compare([known('a'), known('b')], [])).toEqual({ kind: 'mass-deletion', gone: 2, known: 2 });
  });
  it('puts every record that was known and present into at most one group', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(30)), fc.uniqueArray(fc.nat(30)), fc.func(fc.boolean()), (before, now, missed) => {
        const result = compare(
          before.map((n) => known(`r${n}`, { missed: missed(n) })),
          now.map((n) => `r${n}`),
          [],
          'accept-all',
        );
        if ('kind' in result) throw new Error('unexpected');
        const gone = before.filter((n) => !now.includes(n)).map((n) => `r${n}`);
        expect([...result.missed, ...result.vanished].sort()).toEqual(gone.sort());
        expect(result.changed.sort()).toEqual(
          now
            .filter((n) => !before.includes(n))
            .map((n) => `r${n}`)
            .sort(),
        );
      }),
    );
  });
});

describe('readable', () => {
  it('keeps the later of two copies and names what cannot be read', () => {
    const { records, malformed } = readable([
      given('a', 'OLD'),
      given('a', 'NEW '),
      given('b', ' '),
      { externalId: 'c', code: 'C', timeline: [] },
    ]);
    expect(records.map(({ externalId, code }) => [externalId, code])).toEqual([['a', 'NEW']]);
    expect(malformed).toEqual([
      { externalId: 'b', why: 'the code is empty' },
      { externalId: 'c', why: 'the timeline is empty: expected at least one segment' },
    ]);
  });
});
