import { describe, expect, it } from 'vitest';
import { PARTS, readBenchConfig } from './config.js';

describe('arguments', () => {
  it('have defaults', () => {
    expect(readBenchConfig([])).toMatchObject({ rounds: 5, entries: 5_000, latenciesMs: [0, 20], quick: false });
    expect([...readBenchConfig([]).parts]).toEqual(PARTS);
    expect(readBenchConfig(['--quick']).rounds).toBe(3);
  });

  it('are read', () => {
    const config = readBenchConfig(['--latencies', '5', '--only', 'entries,a', '--entries', '100', '--quick', '--rounds', '1']);
    expect(config).toMatchObject({ latenciesMs: [5], entries: 100, quick: true, rounds: 1 });
    expect([...config.parts]).toEqual(['entries', 'a']);
  });

  it.each([
    [['--rounds', 'many'], '--rounds is "many": expected whole numbers'],
    [['--only', 'a,posts'], '--only is "a,posts": expected some of messages, entries, a, b, w, c, d, e, f'],
    [['--latencies', '0,fast'], '--latencies is "fast": expected whole numbers'],
  ])('%j is refused', (args, message) => {
    expect(() => readBenchConfig(args)).toThrow(message);
  });
});
