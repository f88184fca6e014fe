import { expect, it } from 'vitest';
import { eventually } from './eventually.js';

it('gives the first answer that is not a failure', async () => {
  let calls = 0;
  const answer = await eventually(() => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
    return calls > 2 && calls;
  });
  expect(answer).toBe(3);
});

it('throws what the last attempt threw, with the time', async () => {
  await expect(eventually(() => expect(1).toBe(2), 20)).rejects.toThrow(/not true within 20 ms: expected 1 to be 2/);
});

it('does not take false for an answer', async () => {
  await expect(eventually(() => false, 20)).rejects.toThrow(/answers false/);
});
