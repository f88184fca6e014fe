import { describe, expect, it } from 'vitest';
import { formerCodes } from './former-codes.js';

const today = '2026-11-18';
const at = (validFrom: string, code: string) => ({ validFrom, attributes: { code } });

describe('formerCodes', () => {
  it.each([
    ['a new object', undefined, 'P-1', [at('0001-01-01', 'P-1')], []],
    ['nothing changed', { code: 'P-1' }, 'P-1', [], []],
    ['seen to change', { code: 'P-1' }, 'P-2', [at('0001-01-01', 'P-2')], [{ code: 'P-1', until: '2026-11-17' }]],
    [
      'changed again',
      { code: 'P-2', formerCodes: [{ code: 'P-1', until: '2026-05-31' }] },
      'P-3',
      [],
      [
        { code: 'P-1', until: '2026-05-31' },
        { code: 'P-2', until: '2026-11-17' },
      ],
    ],
    [
      'changed back',
      { code: 'P-2', formerCodes: [{ code: 'P-1', until: '2026-05-31' }] },
      'P-1',
      [],
      [{ code: 'P-2', until: '2026-11-17' }],
    ],
    [
      'the source tells since when',
      { code: 'P-1' },
      'P-2',
      [at('2026-01-01', 'P-1'), at('2026-11-11', 'P-2')],
      [{ code: 'P-1', until: '2026-11-10' }],
    ],
    [
      'the source tells of more than one',
      undefined,
      'P-3',
      [at('2025-01-01', 'P-1'), at('2025-06-01', 'P-1'), at('2026-01-01', 'P-2'), at('2026-02-01', 'P-3')],
      [
        { code: 'P-1', until: '2025-12-31' },
        { code: 'P-2', until: '2026-01-31' },
      ],
    ],
  ])('%s', (_title, before, code, timeline, expected) => {
    expect(formerCodes(before, code, timeline, today)).toEqual(expected);
  });
});
