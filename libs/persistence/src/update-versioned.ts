import { Fault } from '@tieout/model';

export interface VersionedStore<T> {
  /** The row and the version it was read with; undefined when there is none. */
  read(): Promise<{ readonly value: T; readonly version: number } | undefined>;
  /** Writes where the version is still `expectedVersion`, raising it. @returns false when another was faster. */
  write(value: T, expectedVersion: number): Promise<boolean>;
}

const ATTEMPTS = 8;

/**
 * `update(id, pureFn)`: reads the row, applies `change`, writes it only if nobody wrote in between, else starts over. `change` may run
 * several times, so it must be pure; when it returns undefined or the same object, nothing is written.
 * @returns the value that stands now; undefined when there is no such row. @throws Fault Unavailable when others are always faster.
 */
export async function updateVersioned<T>(store: VersionedStore<T>, change: (value: T) => T | undefined): Promise<T | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await store.read();
    if (!found) return undefined;
    const changed = change(found.value);
    if (changed === undefined || changed === found.value) return found.value;
    if (await store.write(changed, found.version)) return changed;
  }
  throw new Fault('Unavailable', `${ATTEMPTS} concurrent updates of the same row got in between`);
}
