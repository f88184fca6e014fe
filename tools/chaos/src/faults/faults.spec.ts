import { describe, expect, it } from 'vitest';
import { FAULTS } from './index.js';

const IN_CATALOGUE = [
  'F01',
  'F02',
  'F03',
  'F04',
  'F05',
  'F06',
  'F07',
  'F08',
  'F09',
  'F10',
  'F11',
  'F12',
  'F36',
  'F37',
  'F38',
  'F39',
  'F40',
  'F41',
];

describe('the list of faults', () => {
  it('has every name once: results are kept under it', () => {
    const ids = FAULTS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
  it('has every kind of the catalogue that destinations and webhooks have', () => {
    const covered = new Set(FAULTS.map(({ catalogue }) => catalogue));
    expect(IN_CATALOGUE.filter((code) => !covered.has(code))).toEqual([]);
  });
});
