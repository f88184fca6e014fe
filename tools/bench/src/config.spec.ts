import { describe, expect, it } from 'vitest';
import { readBenchConfig } from './config.js';

describe('arguments', () => {
  it('have defaults', () => {
    expect(readBenchConfig([])).toMatchObject({ rounds: 5, entries: 5_000, latenciesMs: [0, 20], only: 'all' });
  });

  it('are read', () => {
    expect(readBenchConfig(['--latencies', '5', '--only', 'entries', '--entries', '100'])).toMatchObject({
      latenciesMs: [5],
      only: 'entries',
      entries: 100,
    });
  });

  it.each([
    [['--rounds', 'many'], '--rounds is "many": expected whole numbers'],
    [['--only', 'posts'], '--only is "posts": expected all, messages or entries'],
    [['--latencies', '0,fast'], '--latencies is "fast": expected whole numbers'],
  ])('%j is refused', (args, message) => {
    expect(() => readBenchConfig(args)).toThrow(message);
  });
});
