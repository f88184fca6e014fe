import { expect, it } from 'vitest';
import { median } from './messages.js';

it('the median is the one in the middle, however they come', () => {
  expect(median([0.4, 0.1, 0.3])).toBe(0.3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
