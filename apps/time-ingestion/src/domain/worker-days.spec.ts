import { describe, expect, it } from 'vitest';
import { daysOf } from './worker-days.js';

const entry = (entry_id: string, worker_code: string, hours: string, times: { startedAt?: string; endedAt?: string } = {}) => ({
  entry_id,
  worker_code,
  work_date: '2026-11-10',
  hours,
  content: times,
});

describe('the rest of a day', () => {
  it('is what the worker’s other entries of the day have, and nobody else’s', () => {
    const morning = { startedAt: '2026-11-10T08:00:00.000Z', endedAt: '2026-11-10T10:00:00.000Z' };
    const days = daysOf([entry('a', 'E1', '2', morning), entry('b', 'E1', '1.25'), entry('c', 'E1', '3'), entry('d', 'E2', '9')]);
    expect(days.get('a')).toEqual({ otherHours: '4.25', intervals: [] });
    expect(days.get('b')).toEqual({ otherHours: '5', intervals: [morning] });
    expect(days.get('d')).toEqual({ otherHours: '0', intervals: [] });
  });
});
