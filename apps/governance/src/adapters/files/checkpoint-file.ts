import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Checkpoint } from '@tieout/audit';
import { canonicalJson } from '@tieout/model';

const NAME = 'checkpoints.ndjson';
/** Longer than any checkpoint: some thousand chains. */
const TAIL_BYTES = 1_048_576;

/** Checkpoints in a place of their own, a line each, synced to disk before anybody is told of them. */
export class CheckpointFile {
  readonly path: string;

  /** @param folder on a disk, or of a service, that whoever runs the databases cannot write to */
  constructor(private readonly folder: string) {
    this.path = join(folder, NAME);
  }

  async append(checkpoints: readonly Checkpoint[]): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const file = await open(this.path, 'a+');
    try {
      const { size } = await file.stat();
      const { whole } = await this.#tail(file, size);
      // A process that died while writing left half a line.
      if (whole < size) await file.truncate(whole);
      await file.appendFile(checkpoints.map((checkpoint) => `${canonicalJson(checkpoint)}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async last(): Promise<Checkpoint | undefined> {
    const file = await this.#opened();
    if (file === undefined) return undefined;
    try {
      const { size } = await file.stat();
      const line = (await this.#tail(file, size)).text.trimEnd().split('\n').at(-1);
      return line === undefined || line === '' ? undefined : (JSON.parse(line) as Checkpoint);
    } finally {
      await file.close();
    }
  }

  /** Those with a higher number, in order. */
  async *after(no: number): AsyncGenerator<Checkpoint> {
    for await (const line of createInterface({ input: createReadStream(this.path), crlfDelay: Infinity })) {
      if (!line.endsWith('}')) continue;
      const checkpoint = JSON.parse(line) as Checkpoint;
      if (checkpoint.no > no) yield checkpoint;
    }
  }

  async #opened(): Promise<Awaited<ReturnType<typeof open>> | undefined> {
    try {
      return await open(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The last whole lines, and how long the file is up to their end. */
  async #tail(file: Awaited<ReturnType<typeof open>>, size: number): Promise<{ text: string; whole: number }> {
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
    return { text: buffer.subarray(0, end).toString(), whole: from + end };
  }
}
