import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { differences } from './dependencies.mjs';
import { atLeast, firstThatServes } from './node.mjs';
import { sumOutput, sumReport, sumReports } from './reports.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tieout-setup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('whether npm ci is needed', () => {
  const installed = {
    packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/@tieout/m': { resolved: 'libs/m', link: true } },
  };
  it.each([
    ['nothing changed', installed.packages, []],
    ['the root is only in the lock', { '': {}, 'libs/m': { version: '2.0.0' }, ...installed.packages }, []],
    ['a package for another platform', { ...installed.packages, 'node_modules/win': { version: '1.0.0', optional: true } }, []],
    ['another version', { ...installed.packages, 'node_modules/a': { version: '1.0.1' } }, ['node_modules/a']],
    ['a new package', { ...installed.packages, 'node_modules/b': { version: '1.0.0' } }, ['node_modules/b']],
    ['a package less', { 'node_modules/@tieout/m': { resolved: 'libs/m', link: true } }, ['node_modules/a']],
    [
      'a package of ours that moved',
      { ...installed.packages, 'node_modules/@tieout/m': { resolved: 'libs/x', link: true } },
      ['node_modules/@tieout/m'],
    ],
  ])('%s', (_what, packages, expected) => {
    expect(differences({ packages }, installed)).toEqual(expected);
  });
});

describe('the Node to run on', () => {
  it.each([
    ['v24.11.1', true],
    ['v24.11.0', false],
    ['v24.21.0', true],
    ['v20.20.2', false],
    ['v25.0.0', true],
  ])('%s: %s', (version, serves) => {
    expect(atLeast(version, '24.11.1')).toBe(serves);
  });

  it('skips what is not there', () => {
    expect(firstThatServes([join(folder, 'no-node'), process.execPath])?.path).toBe(process.execPath);
    expect(firstThatServes([join(folder, 'no-node')])).toBeUndefined();
  });
});

describe('the sum of reports', () => {
  const report = (name: string, numPassedTests: number, testResults: unknown[]) => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify({ numPassedTests, testResults }));
    return file;
  };
  const good = report('good.json', 3, [
    { name: 'a.spec.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'x' }] },
  ]);
  const bad = report('bad.json', 1, [
    { name: 'b.spec.ts', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'adds up' }] },
  ]);

  it('counts tests and names the failed ones', () => {
    expect(sumReports([good, bad], false)).toEqual({ passed: 4, failed: 1, problems: ['b.spec.ts: adds up'] });
  });

  it('counts a file that could not be loaded', () => {
    const file = report('broken.json', 0, [
      { name: 'c.spec.ts', status: 'failed', message: 'no such module', assertionResults: [] },
    ]);
    expect(sumReport(file)).toEqual({ passed: 0, failed: 1, problems: ['c.spec.ts: no such module'] });
  });

  it('counts tests that did not run at all', () => {
    expect(sumReport(join(folder, 'none.json')).failed).toBe(1);
  });

  it('does not believe reports when the command failed', () => {
    expect(sumReports([good], false)).toMatchObject({ passed: 3, failed: 1 });
    expect(sumReports([good], true)).toMatchObject({ passed: 3, failed: 0 });
  });
});

describe('the end-to-end run', () => {
  it.each([
    ['its last sum counts', '1 passed, 0 failed\nFAIL hours\n12 passed, 2 failed\nbye\n', 1, { passed: 12, failed: 2 }],
    ['all checks passed', 'ok hours\n12 passed, 0 failed\n', 0, { passed: 12, failed: 0 }],
    ['all checks passed and yet it failed', '12 passed, 0 failed\n', 3, { passed: 12, failed: 1 }],
    ['it ended well without any check', 'bye\n', 0, { passed: 0, failed: 1 }],
    ['it broke', 'boom\n', 1, { passed: 0, failed: 1 }],
  ])('%s', (_what, output, code, expected) => {
    expect(sumOutput(output, code)).toMatchObject(expected);
  });
});
