import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@tieout/model';

/** A file whose control file says that it is complete. */
export interface DroppedFile {
  readonly name: string;
  /** Changes when the file or its control file does; says nothing about the content. */
  readonly fingerprint: string;
  readonly bytes: number;
}

export const controlNameOf = (name: string): string => name.replace(/\.csv$/, '.control.json');

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
const unavailable = (what: string, cause: unknown): Fault =>
  new Fault('Unavailable', `${what}: ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'cannot be read'}`, {
    cause,
  });

/** Looks into one folder; never writes, moves or deletes. @throws Fault Unavailable */
export class DropFolder {
  constructor(private readonly path: string) {}

  /** Complete files in order of their names. */
  async list(): Promise<DroppedFile[]> {
    const names = await readdir(this.path).catch((cause: unknown) => {
      throw unavailable(`folder ${this.path}`, cause);
    });
    const present = new Set(names);
    const complete = names.filter((name) => name.endsWith('.csv') && present.has(controlNameOf(name))).sort();
    const files: DroppedFile[] = [];
    for (const name of complete) {
      const file = await this.#describe(name);
      if (file) files.push(file);
    }
    return files;
  }
  /** @returns undefined when the file was taken away in the meantime. */
  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.path, name));
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw unavailable(name, cause);
    }
  }
  async #describe(name: string): Promise<DroppedFile | undefined> {
    try {
      const [file, control] = [await stat(join(this.path, name)), await stat(join(this.path, controlNameOf(name)))];
      if (!file.isFile()) return undefined;
      const text = [file.size, file.mtimeMs, control.size, control.mtimeMs].join(':');
      return { name, bytes: file.size, fingerprint: createHash('sha256').update(text).digest('hex').slice(0, 12) };
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw unavailable(name, cause);
    }
  }
}
