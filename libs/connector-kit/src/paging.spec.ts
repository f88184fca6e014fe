import { describe, expect, it } from 'vitest';
import { readPages } from './paging.js';
import type { Cursor } from './time-source.js';

interface NumberPage {
  readonly items: readonly number[];
  readonly next: Cursor;
  readonly more: boolean;
}

const collect = async (read: (cursor: Cursor | null) => Promise<NumberPage>, start?: Cursor): Promise<number[]> => {
  const items: number[] = [];
  for await (const page of readPages(read, start)) items.push(...page.items);
  return items;
};
const pageAt = (cursor: Cursor | null): Promise<NumberPage> => {
  const at = typeof cursor?.['at'] === 'number' ? cursor['at'] : 0;
  return Promise.resolve({ items: [at, at + 1], next: { at: at + 2 }, more: at + 2 < 6 });
};

describe('readPages', () => {
  it('reads all pages in order, from the start or from a cursor', async () => {
    expect(await collect(pageAt)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await collect(pageAt, { at: 4 })).toEqual([4, 5]);
  });

  it('reads one page where there is no more, even if the cursor stands still', async () => {
    expect(await collect(() => Promise.resolve({ items: [1], next: { at: 0 }, more: false }), { at: 0 })).toEqual([1]);
  });

  it('stops on a source that goes round in circles', async () => {
    await expect(collect(() => Promise.resolve({ items: [], next: { at: 1 }, more: true }))).rejects.toMatchObject({
      kind: 'ContractBroken',
    });
  });

  it('hands a fault on and asks for nothing after it', async () => {
    let asked = 0;
    const failing = (): Promise<NumberPage> => {
      asked += 1;
      return Promise.reject(new Error('away'));
    };
    await expect(collect(failing)).rejects.toThrow('away');
    expect(asked).toBe(1);
  });
});
