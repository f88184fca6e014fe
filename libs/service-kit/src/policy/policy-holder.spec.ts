import type { CompiledPolicy } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import { PolicyInForce } from './policy-holder.js';

const policy = (digest: string): CompiledPolicy => ({ digest }) as CompiledPolicy;
const ORIGIN = { source: 'governance', revision: 2 } as const;
const problems: unknown[] = [];
const inForce = () => new PolicyInForce(policy('one'), { source: 'folder' }, (error) => problems.push(error));

describe('the policy in force', () => {
  it('is another one as a whole, and whoever decided by the one before is told', async () => {
    const holder = inForce();
    const told: string[] = [];
    const stop = holder.onChange((now, before) => void told.push(`${before.digest} ${now.digest}`));
    holder.refuse('something');
    expect(await holder.swap(policy('two'), ORIGIN)).toBe(true);
    expect([holder.current().digest, holder.origin, holder.refused]).toEqual(['two', ORIGIN, undefined]);
    stop();
    await holder.swap(policy('three'), ORIGIN);
    expect(told).toEqual(['one two']);
  });

  it('is the same when only its revision changed: nobody looks again', async () => {
    const holder = inForce();
    const told: string[] = [];
    holder.onChange((now) => void told.push(now.digest));
    await holder.swap(policy('one'), ORIGIN);
    expect(told).toEqual([]);
    expect(holder.origin).toEqual(ORIGIN);
  });

  it('is told again to who could not follow, from where it stood, and keeps nobody else', async () => {
    const holder = inForce();
    const told: string[] = [];
    let away = true;
    holder.onChange((now, before) => {
      if (away) throw new Error('the database is away');
      told.push(`first: ${before.digest} ${now.digest}`);
    });
    holder.onChange((now, before) => void told.push(`second: ${before.digest} ${now.digest}`));
    expect(await holder.swap(policy('two'), ORIGIN)).toBe(false);
    expect(await holder.swap(policy('three'), ORIGIN)).toBe(false);
    away = false;
    expect(await holder.catchUp()).toBe(true);
    expect(await holder.catchUp()).toBe(true);
    expect(told).toEqual(['second: one two', 'second: two three', 'first: one three']);
    expect(problems).toHaveLength(2);
  });
});
