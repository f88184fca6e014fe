import { addDays, attributesOn, type TimelineSegment } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endedOn, mergeTimelines, orderedTimeline, timelineProblem } from './timeline.js';

const at = (timeline: readonly TimelineSegment[], date: string) =>
  attributesOn({ kind: 'worker', timeline }, date) as Record<string, string> | undefined;

const day = fc.integer({ min: 0, max: 40 }).map((n) => addDays('2026-01-01', n));
const attributes = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', '3'));
const timeline = fc.array(fc.record({ validFrom: day, attributes }), { minLength: 1, maxLength: 6 }).map(orderedTimeline);
/** Each attribute has one owner: part 0, 1 or 2. */
const ownership = fc.record({ a: fc.nat(2), b: fc.nat(2), c: fc.nat(2), d: fc.nat(2) });
const world = fc
  .record({ timelines: fc.tuple(timeline, timeline, timeline), ownership })
  .map(({ timelines, ownership: owners }) => ({
    timelines,
    owners: owners as Record<string, number>,
    parts: timelines.map((one, part) => ({
      owns: (name: string) => (owners as Record<string, number>)[name] === part,
      timeline: one,
    })),
  }));

describe('mergeTimelines', () => {
  it('gives each attribute, on every date, the value that its owner gives it on that date', () => {
    fc.assert(
      fc.property(world, ({ timelines, owners, parts }) => {
        const merged = mergeTimelines(parts[0]!, parts.slice(1));
        const begin = timelines[0][0]!.validFrom;
        for (let n = -1; n <= 41; n++) {
          const date = addDays('2026-01-01', n);
          if (date < begin) expect(at(merged, date)).toBeUndefined();
          else
            for (const name of ['a', 'b', 'c', 'd'])
              expect(at(merged, date)?.[name]).toBe(at(timelines[owners[name]!]!, date)?.[name]);
        }
      }),
    );
  });
  it('is ascending, without equal neighbours, and does not depend on the order of the others', () => {
    fc.assert(
      fc.property(world, ({ parts }) => {
        const merged = mergeTimelines(parts[0]!, [parts[1]!, parts[2]!]);
        for (let i = 1; i < merged.length; i++) {
          expect(merged[i]!.validFrom > merged[i - 1]!.validFrom).toBe(true);
          expect(merged[i]!.attributes).not.toEqual(merged[i - 1]!.attributes);
        }
        expect(mergeTimelines(parts[0]!, [parts[2]!, parts[1]!])).toEqual(merged);
      }),
    );
  });
  it('merges to itself when one source owns everything', () => {
    const all = {
      owns: () => true,
      timeline: [
        { validFrom: '2026-01-01', attributes: { a: '1' } },
        { validFrom: '2026-02-01', attributes: { a: '2' } },
      ],
    };
    expect(mergeTimelines(all, [])).toEqual(all.timeline);
  });
});

describe('timelines', () => {
  it('ends an object that had not ended before, and leaves an earlier end', () => {
    const segments: TimelineSegment[] = [
      { validFrom: '2026-01-01', attributes: { activeTo: '2026-03-01' } },
      { validFrom: '2026-02-01', attributes: { name: 'x' } },
      { validFrom: '2026-03-01', attributes: { activeTo: '9999-12-31' } },
    ];
    expect(endedOn(segments, '2026-05-05').map((s) => s.attributes['activeTo'])).toEqual([
      '2026-03-01',
      '2026-05-05',
      '2026-05-05',
    ]);
  });
  it('names what is wrong', () => {
    expect(timelineProblem([])).toBe('the timeline is empty: expected at least one segment');
    expect(timelineProblem([{ validFrom: '2026-02-30', attributes: {} }])).toBe(
      'validFrom is "2026-02-30": expected a date, for example 2026-11-23',
    );
    expect(timelineProblem([{ validFrom: '0001-01-01', attributes: {} }])).toBeUndefined();
  });
});
