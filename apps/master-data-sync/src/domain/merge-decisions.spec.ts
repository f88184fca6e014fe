import { addDays, attributesOn, type MasterObject, type TimelineSegment } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followMerges, mergeProblem } from './merge-decisions.js';

const client = (code: string, more: Partial<MasterObject> = {}): MasterObject => ({
  kind: 'client',
  id: code,
  code,
  revision: 1,
  legalEntityId: 'UNASSIGNED',
  timeline: [{ validFrom: '0001-01-01', attributes: { code } }],
  crossReferences: [],
  attributeSources: {},
  ambiguous: false,
  ...more,
});
const merge = (from: string, into: string, validFrom: string) => ({ codes: [from], into: { code: into, validFrom } });
const clientOn = (timeline: readonly TimelineSegment[], date: string) =>
  (attributesOn({ kind: 'project', timeline }, date) as { client?: string } | undefined)?.client;

describe('mergeProblem', () => {
  const [a, b] = [client('A'), client('B')];
  const codes = { from: 'A', into: 'B' };
  it.each([
    ['fine', a, b, [b], undefined],
    ['who is merged is unknown', undefined, b, [b], { kind: 'unknown', code: 'A' }],
    ['the other is unknown', a, undefined, [], { kind: 'unknown', code: 'B' }],
    ['one and the same', a, a, [a], { kind: 'same' }],
    [
      'merged already',
      client('A', { mergedInto: { code: 'C', validFrom: '2026-01-01' } }),
      b,
      [b],
      { kind: 'merged-already', into: 'C' },
    ],
    ['a circle', a, b, [b, client('C'), a], { kind: 'circle' }],
  ])('%s', (_title, from, into, chain, problem) => {
    expect(mergeProblem(codes, from, into, chain)).toEqual(problem);
  });
});

describe('followMerges', () => {
  const timeline: TimelineSegment[] = [
    { validFrom: '2026-01-01', attributes: { client: 'A', name: 'x' } },
    { validFrom: '2026-06-01', attributes: { client: 'A', name: 'y' } },
  ];
  it('splits a segment on the day, and follows on', () => {
    expect(followMerges(timeline, 'client', [merge('B', 'C', '2026-07-01'), merge('A', 'B', '2026-03-01')])).toEqual([
      { validFrom: '2026-01-01', attributes: { client: 'A', name: 'x' } },
      { validFrom: '2026-03-01', attributes: { client: 'B', name: 'x' } },
      { validFrom: '2026-06-01', attributes: { client: 'B', name: 'y' } },
      { validFrom: '2026-07-01', attributes: { client: 'C', name: 'y' } },
    ]);
    expect(followMerges(timeline, 'client', [merge('Z', 'B', '2026-03-01')])).toEqual(timeline);
  });
  it('says on every date what the merges of that date say, and leaves the rest', () => {
    const day = fc.integer({ min: 0, max: 30 }).map((n) => addDays('2026-01-01', n));
    const segments = fc
      .uniqueArray(fc.record({ validFrom: day, value: fc.constantFrom('A', 'B', 'C', 'Z') }), {
        selector: ({ validFrom }) => validFrom,
        minLength: 1,
        maxLength: 4,
      })
      .map((list) =>
        list
          .sort((x, y) => (x.validFrom < y.validFrom ? -1 : 1))
          .map(({ validFrom, value }, n) => ({ validFrom, attributes: { client: value, name: `${n}` } })),
      );
    // A into B into C: never a circle.
    const merges = fc.tuple(day, day).map(([ab, bc]) => [merge('A', 'B', ab), merge('B', 'C', bc)]);
    fc.assert(
      fc.property(segments, merges, (raw, decided) => {
        const followed = followMerges(raw, 'client', decided);
        for (let n = 0; n <= 31; n++) {
          const date = addDays('2026-01-01', n);
          let expected = clientOn(raw, date);
          for (const { codes, into } of decided)
            if (expected !== undefined && codes.includes(expected) && date >= into.validFrom) expected = into.code;
          expect(clientOn(followed, date)).toBe(expected);
        }
      }),
    );
  });
});
