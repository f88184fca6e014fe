import { describe, expect, it } from 'vitest';
import { codeOn, holderOn, resolveCode } from './master-codes.js';
import { masterKey, type MasterObject } from './master-data.js';

const project = (code: string, more: Partial<MasterObject> = {}): MasterObject => ({
  kind: 'project',
  id: code,
  code,
  revision: 1,
  legalEntityId: 'DE01',
  timeline: [{ validFrom: '0001-01-01', attributes: { code } }],
  crossReferences: [],
  attributeSources: {},
  ambiguous: false,
  ...more,
});
const renamed = project('P-200', { formerCodes: [{ code: 'P-100', until: '2026-11-17' }] });
const resolve = (objects: readonly MasterObject[], code: string, date: string) => {
  const { found, asked } = resolveCode('project', code, date, (key) =>
    objects.filter((o) => [o.code, ...(o.formerCodes ?? []).map((f) => f.code)].some((c) => masterKey(o.kind, c) === key)),
  );
  return [typeof found === 'object' ? found.code : found, asked];
};

describe('codes', () => {
  it('says which code an object had on a date', () => {
    const twice = project('P-3', {
      formerCodes: [
        { code: 'P-1', until: '2026-01-31' },
        { code: 'P-2', until: '2026-06-30' },
      ],
    });
    expect(['2026-01-31', '2026-02-01', '2026-06-30', '2026-07-01'].map((date) => codeOn(twice, date))).toEqual([
      'P-1',
      'P-2',
      'P-2',
      'P-3',
    ]);
  });
  it('finds an object under an old code, before and after it changed, and under the new one', () => {
    for (const date of ['2026-11-16', '2026-11-20']) {
      expect(resolve([renamed], 'P-100', date)).toEqual(['P-200', ['project:P-100', 'project:P-200']]);
      expect(resolve([renamed], 'P-200', date)).toEqual(['P-200', ['project:P-200']]);
    }
  });
  it('tells by date whom a code meant that another object has now', () => {
    const heir = project('P-100');
    expect(resolve([renamed, heir], 'P-100', '2026-11-17')[0]).toBe('P-200');
    expect(resolve([renamed, heir], 'P-100', '2026-11-18')[0]).toBe('P-100');
  });
  it('is ambiguous when two hold a code, or gave it up on one day', () => {
    expect(holderOn('P-1', '2026-11-18', [project('P-1'), project('P-1')])).toBe('ambiguous');
    const other = project('P-300', { formerCodes: [{ code: 'P-100', until: '2026-11-17' }] });
    for (const date of ['2026-11-17', '2026-11-18']) expect(holderOn('P-100', date, [renamed, other])).toBe('ambiguous');
  });
  it('follows merges from their day on, through renamed ones, and ends a circle as ambiguous', () => {
    const merged = project('P-9', { mergedInto: { code: 'P-100', validFrom: '2026-11-10' } });
    expect(resolve([merged, renamed], 'P-9', '2026-11-09')[0]).toBe('P-9');
    expect(resolve([merged, renamed], 'P-9', '2026-11-10')).toEqual(['P-200', ['project:P-9', 'project:P-100', 'project:P-200']]);
    const circle = ['A', 'B'].map((code, n) => project(code, { mergedInto: { code: 'BA'[n]!, validFrom: '2026-01-01' } }));
    expect(resolve(circle, 'A', '2026-11-10')[0]).toBe('ambiguous');
  });
  it('knows nothing of a code that nobody has', () => {
    expect(resolve([renamed], 'P-1', '2026-11-10')).toEqual([undefined, ['project:P-1']]);
  });
});
