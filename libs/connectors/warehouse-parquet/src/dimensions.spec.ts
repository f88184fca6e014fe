import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newestSegments } from './dimensions.js';

const segment = (object_id: string, revision: number, valid_from: string) => ({ object_id, revision, valid_from });

it('keeps the segments of the highest revision only, each once', () => {
  const rows = [
    segment('a', 1, '0001-01-01'),
    segment('a', 1, '2026-01-01'),
    segment('a', 2, '0001-01-01'),
    segment('b', 7, 'x'),
  ];
  expect(newestSegments([...rows, ...rows])).toEqual([segment('a', 2, '0001-01-01'), segment('b', 7, 'x')]);
});

it('the order of arrival, and compacting in between, change nothing', () => {
  const rows = fc.array(
    fc.record({
      object_id: fc.constantFrom('a', 'b', 'c'),
      revision: fc.integer({ min: 1, max: 4 }),
      valid_from: fc.constantFrom('0001-01-01', '2026-01-01'),
    }),
  );
  fc.assert(
    fc.property(rows, rows, (first, second) => {
      const whole = newestSegments([...first, ...second]);
      expect(newestSegments([...second, ...first])).toEqual(whole);
      expect(newestSegments([...newestSegments(first), ...second])).toEqual(whole);
    }),
  );
});
