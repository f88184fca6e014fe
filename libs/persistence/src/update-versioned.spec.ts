import { isFault } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { updateVersioned } from './update-versioned.js';

class Counter {
  value: { n: number } | undefined = { n: 10 };
  version = 1;
  writes = 0;
  /** How often somebody else writes between our read and our write. */
  rivals = 0;

  async read() {
    return this.value && { value: this.value, version: this.version };
  }
  async write(value: { n: number }, expectedVersion: number) {
    if (this.rivals > 0) {
      this.rivals -= 1;
      this.value = { n: this.value!.n + 100 };
      this.version += 1;
    }
    if (expectedVersion !== this.version) return false;
    this.value = value;
    this.version += 1;
    this.writes += 1;
    return true;
  }
}

describe('updateVersioned', () => {
  it('applies the change to what stands, not to what was read before somebody else wrote', async () => {
    const store = new Counter();
    store.rivals = 2;
    expect(await updateVersioned(store, ({ n }) => ({ n: n + 1 }))).toEqual({ n: 211 });
    expect(store.value).toEqual({ n: 211 });
  });

  it('writes nothing when nothing changes', async () => {
    const store = new Counter();
    expect(await updateVersioned(store, () => undefined)).toEqual({ n: 10 });
    expect(await updateVersioned(store, (same) => same)).toEqual({ n: 10 });
    expect(store.writes).toBe(0);
  });

  it('says that there is no such row', async () => {
    const store = new Counter();
    store.value = undefined;
    expect(await updateVersioned(store, ({ n }) => ({ n: n + 1 }))).toBeUndefined();
  });

  it('gives up with a fault when others are always faster', async () => {
    const store = new Counter();
    store.rivals = 1_000;
    const error = await updateVersioned(store, ({ n }) => ({ n: n + 1 })).catch((thrown: unknown) => thrown);
    expect(isFault(error, 'Unavailable')).toBe(true);
  });
});
