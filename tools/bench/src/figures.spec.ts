import { expect, it } from 'vitest';
import { median, percentile } from './figures.js';

it('the median is the one in the middle, however they come', () => {
  expect(median([0.4, 0.1, 0.3])).toBe(0.3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

it('a percentile is a value that occurred', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1)]).toEqual([50, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
});
