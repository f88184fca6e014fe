import { genesis, headAfter, sha256, type Head } from '@tieout/audit';
import { describe, expect, it } from 'vitest';
import { followChain, isComplete, restartOf, startOf, unseen } from './follow-chain.js';

const CHAIN = 'erp-posting/DE01';
const hashes = Array.from({ length: 12_000 }, (_, n) => sha256(String(n)));
const heads = hashes.reduce<Head[]>((all, hash) => [...all.slice(-20_000), headAfter(all.at(-1)!, hash)], [genesis(CHAIN)]);
const asked: number[] = [];
const read = async (_: string, after: number, limit: number) => {
  asked.push(limit);
  return hashes.slice(after, after + limit);
};

describe('a chain is followed from what was signed', () => {
  it('page by page to the head that the service reports', async () => {
    expect(await followChain(heads[3]!, heads[11_003], read)).toEqual({ kind: 'moved', head: heads[11_003] });
    expect(asked).toEqual([5_000, 5_000, 1_000]);
    expect(await followChain(heads[0]!, heads[0], read)).toEqual({ kind: 'same' });
    expect(await followChain(heads[7]!, heads[7], read)).toEqual({ kind: 'same' });
  });

  it.each<[string, Head, Head | undefined, RegExp]>([
    ['ends before', heads[7]!, heads[5], /ends at record 5, and record 7 was signed/],
    ['is not there any more', heads[7]!, undefined, /ends at record 0, and record 7 was signed/],
    ['has another record in its place', heads[7]!, { ...heads[7]!, hash: heads[8]!.hash }, /record 7 is another one/],
    ['leads elsewhere', heads[7]!, { ...heads[9]!, hash: heads[8]!.hash }, /does not lead to record 9/],
    ['was rewritten before', { ...heads[7]!, hash: heads[8]!.hash }, heads[9], /does not lead to record 9/],
    ['has a gap', heads[11_999]!, { ...heads[11_999]!, seq: 12_005 }, /record 12001 is missing/],
  ])('and is broken when it %s', async (_, from, to, why) => {
    expect(await followChain(from, to, read)).toEqual({ kind: 'broken', why: expect.stringMatching(why) });
  });

  it('or from where a person acknowledged it, and the checkpoint says what was lost', () => {
    const { seq, hash } = heads[3]!;
    const known = { ...unseen(CHAIN, 'posting'), ...heads[7]!, acknowledged: { by: 'user:a', at: 'now', now: { seq, hash } } };
    expect(startOf(known)).toEqual(heads[3]);
    const lost = { seq: heads[7]!.seq, hash: heads[7]!.hash };
    expect(restartOf(known)).toEqual({ chain: CHAIN, lost, now: { seq, hash }, acknowledgedBy: 'user:a', acknowledgedAt: 'now' });
    expect(startOf({ ...known, acknowledged: null })).toEqual(heads[7]);
    expect(restartOf({ ...known, acknowledged: null })).toBeUndefined();
  });

  it('all of them are named in the first checkpoint, every hundredth after it, and after a restart', () => {
    expect([1, 2, 100, 101].map((no) => isComplete(no, 0))).toEqual([true, false, false, true]);
    expect(isComplete(2, 1)).toBe(true);
  });
});
