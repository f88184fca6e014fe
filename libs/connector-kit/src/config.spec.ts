import { describe, expect, it } from 'vitest';
import { ConfigProblem, SettingsReader } from './config.js';

const reader = (values: Record<string, string>, secrets: string[] = []) =>
  new SettingsReader({ values, secrets: new Set(secrets) });
const problemsOf = (read: SettingsReader): readonly string[] => {
  try {
    read.done();
    return [];
  } catch (error) {
    if (error instanceof ConfigProblem) return error.problems;
    throw error;
  }
};

describe('SettingsReader', () => {
  it('reads what is right and takes fallbacks for what is absent', () => {
    const read = reader({ url: 'https://x.example/base//', size: '7', on: 'true' });
    expect([read.url('url'), read.integer('size', 1, { min: 1, max: 9 }), read.flag('on', false)]).toEqual([
      'https://x.example/base',
      7,
      true,
    ]);
    expect([read.text('name', 'N'), read.integer('other', 3, { min: 1, max: 9 }), read.flag('off', false)]).toEqual([
      'N',
      3,
      false,
    ]);
    expect(problemsOf(read)).toEqual([]);
  });

  it('reports every problem at once, with setting, value and expectation', () => {
    const read = reader({ url: 'ftp://x', size: '10', on: 'yes' });
    read.text('key');
    read.url('url');
    read.integer('size', 1, { min: 1, max: 9 });
    read.flag('on', false);
    expect(problemsOf(read)).toEqual([
      'setting "key" is missing: expected a text',
      'setting "url" is "ftp://x": expected an http(s) URL',
      'setting "size" is "10": expected a whole number from 1 to 9',
      'setting "on" is "yes": expected true or false',
    ]);
  });

  it.each(['1.5', '', 'x', '1e99'])('takes %j for no whole number', (size) => {
    const read = reader({ size });
    read.integer('size', 1, { min: 1, max: 9 });
    expect(problemsOf(read)).toHaveLength(1);
  });

  it('takes one of some texts, and names them for any other', () => {
    const read = reader({ how: 'b', other: 'x' });
    expect([read.choice('how', 'a', ['a', 'b']), read.choice('absent', 'a', ['a', 'b'])]).toEqual(['b', 'a']);
    read.choice('other', 'a', ['a', 'b']);
    expect(problemsOf(read)).toEqual(['setting "other" is "x": expected one of a, b']);
  });

  it('never shows a secret', () => {
    const read = reader({ url: 'hunter2', size: 'hunter2', on: 'hunter2' }, ['url', 'size', 'on']);
    read.url('url');
    read.integer('size', 1, { min: 1, max: 9 });
    read.flag('on', false);
    const problems = problemsOf(read);
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('hunter2');
  });
});
