import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@tieout/model';

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'failed');
const unavailable = (what: string, cause: unknown): Fault => new Fault('Unavailable', `${what}: ${codeOf(cause)}`, { cause });

/** One folder. A file is there whole or not at all. */
export class Outbox {
  constructor(private readonly folder: string) {}

  /** Names of finished files, in order. @throws Fault Unavailable */
  async list(): Promise<string[]> {
    const names = await readdir(this.folder).catch((cause: unknown) => {
      throw unavailable(`folder ${this.folder}`, cause);
    });
    return names.filter((name) => !name.startsWith('.')).sort();
  }

  /** @returns undefined when there is no such file. @throws Fault Unavailable */
  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.folder, name), 'utf8');
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') {
        // A folder that is gone is no empty folder.
        await this.verify();
        return undefined;
      }
      throw unavailable(name, cause);
    }
  }

  /** When the file last changed, in milliseconds; undefined: not there. @throws Fault Unavailable */
  async changedAtMs(name: string): Promise<number | undefined> {
    try {
      // Whole milliseconds, as the clock has them: what is written now is not from the future.
      return Math.floor((await stat(join(this.folder, name))).mtimeMs);
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined;
      throw unavailable(name, cause);
    }
  }

  /** @throws Fault Unavailable */
  async verify(): Promise<void> {
    const found = await stat(this.folder).catch((cause: unknown) => {
      throw unavailable(`folder ${this.folder}`, cause);
    });
    if (!found.isDirectory()) throw new Fault('Unavailable', `folder ${this.folder}: not a folder`);
  }

  /**
   * Writes beside, syncs, and renames; the folder is synced, too, or a power cut could take the name back.
   * @throws Fault Unavailable (nothing stands there) or OutcomeUnknown
   */
  async put(name: string, text: string): Promise<void> {
    const temporary = join(this.folder, `.${name}.${randomUUID()}.tmp`);
    try {
      await written(temporary, text);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw unavailable(name, cause);
    }
    try {
      await rename(temporary, join(this.folder, name));
      await synced(this.folder);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new Fault('OutcomeUnknown', `${name}: ${codeOf(cause)} while it was put in place`, { cause });
    }
  }
}

const written = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
};

const synced = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
