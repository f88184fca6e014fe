import { describe, expect, it } from 'vitest';
import { HELP, readSimulateConfig } from './config.js';
import { periodFor, PERIODS } from './periods.js';
import { Random } from './random.js';
import { Journal, Log, Table } from './store/table.js';
import { Trace } from './trace.js';
import { VirtualTime } from './virtual-time.js';

describe('Random', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const draw = (seed: string): number[] =>
      Array.from(
        { length: 5 },
        (
          (random) => () =>
            random.int(0, 1_000_000)
        )(new Random(seed)),
      );
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
  });

  it('keeps purposes apart', () => {
    const random = new Random('a');
    const one = random.fork('one').next();
    random.next();
    expect(random.fork('one').next()).toBe(one);
    expect(random.fork('two').next()).not.toBe(one);
  });

  it('draws both ends and looks like a UUID', () => {
    const random = new Random('ends');
    const drawn = new Set(Array.from({ length: 200 }, () => random.int(1, 3)));
    expect([...drawn].sort()).toEqual([1, 2, 3]);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('VirtualTime', () => {
  it('runs events by time, then in the order they were made, each to the end of its promises', async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const slow = async (name: string): Promise<void> => {
      for (let n = 0; n < 20; n++) await undefined;
      seen.push(`${name} at ${time.nowMs}`);
    };
    time.after(10, () => void slow('b'));
    time.after(10, () => void slow('c'));
    time.after(5, () => void slow('a'));
    time.after(7, () => seen.push('never')).cancel();
    expect(await time.run(100)).toBe(true);
    expect(seen).toEqual(['a at 5', 'b at 10', 'c at 10']);
    expect(time.nowMs).toBe(100);
  });

  it('stops at its limit, with the rest left', async () => {
    const time = new VirtualTime();
    let ran = 0;
    for (let n = 1; n <= 30; n++) time.after(31 - n, () => (ran += 1));
    expect(await time.run(10)).toBe(false);
    expect(ran).toBe(10);
  });
});

describe('Table and Journal', () => {
  it('takes a transaction back', () => {
    const journal = new Journal();
    const table = new Table<{ n: number }>(journal);
    const log = new Log<string>(journal);
    table.put('kept', { n: 1 });
    const read = table.get('kept');
    journal.begin();
    table.change('kept', { n: 2 });
    table.put('new', { n: 3 });
    log.append(['said']);
    expect(read).toEqual({ n: 1 });
    journal.rollBack();
    expect([table.get('kept'), table.get('new'), log.rows]).toEqual([{ n: 1 }, undefined, []]);
  });

  it('keeps what was committed, and takes one transaction at a time', () => {
    const journal = new Journal();
    const table = new Table<{ n: number }>(journal);
    journal.begin();
    table.put('a', { n: 1 });
    expect(() => journal.begin()).toThrow('one after the other');
    journal.commit();
    journal.begin();
    journal.rollBack();
    expect(table.get('a')).toEqual({ n: 1 });
  });
});

describe('periodFor', () => {
  const closed = PERIODS.map((period) => (period.code === '2026-10' ? { ...period, open: false, revision: 2 } : period));
  it('is where the line stands, else where the work was done, else the next that is open', () => {
    expect(periodFor({ workDate: '2026-10-29', refused: {} }, PERIODS)?.code).toBe('2026-10');
    expect(periodFor({ workDate: '2026-10-29', refused: {} }, closed)?.code).toBe('2026-11');
    expect(periodFor({ workDate: '2026-11-02', anchorPeriod: '2026-10', refused: {} }, PERIODS)?.code).toBe('2026-10');
  });
  it('believes a refusal until it hears of the period again', () => {
    const question = { workDate: '2026-10-29', refused: { '2026-10': 1 } };
    expect(periodFor(question, PERIODS)?.code).toBe('2026-11');
    expect(
      periodFor(
        question,
        PERIODS.map((period) => ({ ...period, revision: 3 })),
      )?.code,
    ).toBe('2026-10');
  });
});

describe('Trace', () => {
  it('hashes alike, told or not', () => {
    const hashOf = (telling: boolean, what: string): string => {
      const trace = new Trace(() => 7, telling);
      trace.note('erp-1', what);
      return trace.hash;
    };
    expect(hashOf(true, 'books')).toBe(hashOf(false, 'books'));
    expect(hashOf(true, 'books')).not.toBe(hashOf(true, 'keeps'));
  });
});

describe('readSimulateConfig', () => {
  it('reads seeds, time and bugs', () => {
    expect(readSimulateConfig(['--seeds', '20000', '--from', '5', '--workers', '2'])).toMatchObject({
      seeds: 20_000,
      from: 5,
      workers: 2,
    });
    expect(readSimulateConfig(['--planted'])).toMatchObject({ planted: true, seeds: 1_000 });
    expect(readSimulateConfig(['--seed', '7', '--story', '--bug', 'no-fencing'])).toMatchObject({ seed: 7, bug: 'no-fencing' });
  });
  it('names what is wrong', () => {
    expect(() => readSimulateConfig(['--seeds', 'many'])).toThrow('--seeds is "many"');
    expect(() => readSimulateConfig(['--workers', '0'])).toThrow('--workers is 0');
    expect(HELP).toContain('--planted');
  });
});
