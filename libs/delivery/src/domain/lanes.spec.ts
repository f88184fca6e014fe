import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankOf, type Urgent } from './lanes.js';

const HOUR_MS = 3_600_000;
const LONGEST_LEAD_MS = 48 * HOUR_MS;

const lines: fc.Arbitrary<Urgent> = fc.record({
  createdMs: fc.integer({ min: 0, max: 1_000 * HOUR_MS }),
  patienceMs: fc.integer({ min: 0, max: 24 * HOUR_MS }),
  leadMs: fc.integer({ min: 0, max: LONGEST_LEAD_MS }),
  deadlineMs: fc.option(fc.integer({ min: 0, max: 2_000 * HOUR_MS }), { nil: undefined }),
});

describe('the order of lines', () => {
  it('lets no line wait for ever: whatever comes after its patience and the longest lead goes after it', () => {
    fc.assert(
      fc.property(lines, lines, fc.integer({ min: 1, max: HOUR_MS }), (line, other, laterMs) => {
        const later = { ...other, createdMs: line.createdMs + line.patienceMs + LONGEST_LEAD_MS + laterMs };
        expect(rankOf(line)).toBeLessThan(rankOf(later));
      }),
    );
  });

  it('within a lane and without a deadline, is the order of coming', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: HOUR_MS }), (line, laterMs) => {
        const first = { ...line, deadlineMs: undefined };
        expect(rankOf(first)).toBeLessThan(rankOf({ ...first, createdMs: first.createdMs + laterMs }));
      }),
    );
  });

  it('an earlier deadline never ranks later, and none ranks later than patience says', () => {
    fc.assert(
      fc.property(
        lines,
        fc.integer({ min: 0, max: 1_000 * HOUR_MS }),
        fc.integer({ min: 0, max: HOUR_MS }),
        (line, deadlineMs, byMs) => {
          const earlier = rankOf({ ...line, deadlineMs });
          expect(earlier).toBeLessThanOrEqual(rankOf({ ...line, deadlineMs: deadlineMs + byMs }));
          expect(earlier).toBeLessThanOrEqual(line.createdMs + line.patienceMs);
        },
      ),
    );
  });

  it('a pay line near its cut-off goes before a month-end backlog of 100 000', () => {
    const nowMs = 900 * HOUR_MS;
    const backlog = Array.from({ length: 100_000 }, (_, n) =>
      rankOf({ createdMs: nowMs - 6 * HOUR_MS + n * 200, patienceMs: n % 2 === 0 ? 900_000 : HOUR_MS, leadMs: 0 }),
    );
    const pay = rankOf({ createdMs: nowMs, patienceMs: 0, deadlineMs: nowMs + 2 * HOUR_MS, leadMs: 24 * HOUR_MS });
    expect(backlog.filter((rank) => rank <= pay).length).toBe(0);
  });

  it('under a stream of urgent lines at the full rate an analytics line still goes', () => {
    // One line a second goes, and one pay line a second comes, each at its cut-off.
    const leadMs = HOUR_MS;
    const patient = rankOf({ createdMs: 0, patienceMs: HOUR_MS, leadMs: 0 });
    const queue: number[] = [rankOf({ createdMs: 0, patienceMs: 0, deadlineMs: 0, leadMs }), patient];
    for (let nowMs = 1_000; nowMs < 3 * HOUR_MS; nowMs += 1_000) {
      queue.push(rankOf({ createdMs: nowMs, patienceMs: 0, deadlineMs: nowMs, leadMs }));
      const next = Math.min(...queue);
      queue.splice(queue.indexOf(next), 1);
      if (next !== patient) continue;
      expect(nowMs).toBeLessThanOrEqual(2 * HOUR_MS + 2_000);
      return;
    }
    throw new Error('the analytics line never went');
  });
});
