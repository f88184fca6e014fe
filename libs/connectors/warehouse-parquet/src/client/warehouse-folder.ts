import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '@tieout/model';

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
const isMissing = (cause: unknown): boolean => codeOf(cause) === 'ENOENT';
const FORBIDDEN = new Set(['EACCES', 'EPERM']);

/** What is no failure of the file system stays what it is. */
const toFault = (what: string, cause: unknown): unknown => {
  const code = codeOf(cause);
  if (code === '') return cause;
  return new Fault(FORBIDDEN.has(code) ? 'CredentialsRejected' : 'Unavailable', `${what}: ${code}`, { cause });
};

/** A file still being written, or left by a writer that died: no reader's pattern matches it. */
const PENDING = '.pending';

/** One folder. Its files appear whole or not at all, and never change. Paths are relative to it. */
export class WarehouseFolder {
  constructor(private readonly root: string) {}

  /** @throws Fault Unavailable when the folder itself is not there. */
  async mustExist(): Promise<void> {
    await this.#tell('.', async () => {
      if (!(await stat(this.root)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' });
    });
  }
  async has(path: string): Promise<boolean> {
    return this.#tell(path, () =>
      access(join(this.root, path)).then(
        () => true,
        (cause: unknown) => {
          if (isMissing(cause)) return false;
          throw cause;
        },
      ),
    );
  }
  /** Names in a folder, in order; none when it is not there yet. */
  async list(path: string): Promise<string[]> {
    return this.#tell(path, async () => (await readdir(join(this.root, path))).sort(), []);
  }
  /** @returns undefined when there is no such file. */
  async read(path: string): Promise<Uint8Array | undefined> {
    return this.#tell<Uint8Array | undefined>(path, () => readFile(join(this.root, path)), undefined);
  }
  async remove(path: string): Promise<void> {
    await this.#tell(path, () => rm(join(this.root, path), { force: true }));
  }

  /**
   * @throws Fault Unavailable, CredentialsRejected: nothing stands. OutcomeUnknown: it may, look.
   */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.mustExist();
    const target = join(this.root, path);
    const pending = `${target}.${randomUUID()}${PENDING}`;
    await this.#tell(path, async () => {
      await this.#makeFolder(dirname(path));
      await synced(pending, 'wx', (file) => file.writeFile(bytes));
    });
    try {
      await rename(pending, target);
      // The name is in the folder, and the folder's own content must outlive a power failure too.
      await synced(dirname(target), 'r', () => Promise.resolve());
    } catch (cause) {
      throw new Fault('OutcomeUnknown', `${path}: ${codeOf(cause)} while it was put in place`, { cause });
    }
  }

  /** Level by level below the root, which itself is never made. */
  async #makeFolder(path: string): Promise<void> {
    if (path === '.') return;
    await this.#makeFolder(dirname(path));
    await mkdir(join(this.root, path)).catch((cause: unknown) => {
      if (codeOf(cause) !== 'EEXIST') throw cause;
    });
  }

  async #tell<T>(path: string, work: () => Promise<T>, ...whenMissing: [] | [T]): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (whenMissing.length === 1 && isMissing(cause)) {
        await this.mustExist();
        return whenMissing[0];
      }
      throw toFault(join(this.root, path), cause);
    }
  }
}

const synced = async (path: string, flags: 'r' | 'wx', work: (file: FileHandle) => Promise<void>): Promise<void> => {
  const file = await open(path, flags);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
};
