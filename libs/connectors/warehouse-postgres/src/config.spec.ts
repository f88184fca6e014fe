import { ConfigProblem } from '@tieout/connector-kit';
import { describe, expect, it } from 'vitest';
import { parseWarehouseConfig } from './config.js';

const parse = (values: Record<string, string>) => parseWarehouseConfig({ values, secrets: new Set(['url']) });
const problemsOf = (values: Record<string, string>): readonly string[] => {
  try {
    parse(values);
    return [];
  } catch (problem) {
    if (problem instanceof ConfigProblem) return problem.problems;
    throw problem;
  }
};

describe('settings', () => {
  it('need an address; the rest has defaults', () => {
    expect(parse({ url: 'postgres://dw:pw@db/dw' })).toEqual({
      url: 'postgres://dw:pw@db/dw',
      schema: 'tieout',
      requestTimeoutMs: 30_000,
    });
  });

  it('are all judged at once, and the address, which holds a password, is never shown', () => {
    const problems = problemsOf({ url: 'mysql://dw:hunter2@db/dw', schema: 'Facts; drop', requestTimeoutMs: '1' });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('hunter2');
  });

  it.each(['tieout', '_dw', 'dw_2026'])('schema %s is plain', (schema) => {
    expect(problemsOf({ url: 'postgresql://db/dw', schema })).toEqual([]);
  });
  it.each(['DW', '2dw', 'd-w', 'd"w', 'a'.repeat(64)])('schema %s would need quotes', (schema) => {
    expect(problemsOf({ url: 'postgresql://db/dw', schema })).toHaveLength(1);
  });
});
