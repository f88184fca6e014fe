import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Read at once at a start: a file may be larger than the longest text that a program can hold. */
const CHUNK_BYTES = 4 * 1024 * 1024;
const NEWLINE = 10;

/**
 * State as JSON lines, appended before it is applied in memory. A write is in the kernel's hands when `append` returns, so kill -9 loses
 * nothing that was answered; a line torn by the kill was never answered and is cut off at the next start.
 */
export class AppendLog<T> {
  #fd: number | undefined;
  constructor(private readonly path: string | undefined) {}

  replay(apply: (record: T) => void): void {
    if (this.path === undefined) return;
    mkdirSync(dirname(this.path), { recursive: true });
    const fd = (this.#fd = openSync(this.path, 'a+'));
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let torn = Buffer.alloc(0);
    let whole = 0;
    for (let at = 0, read = 0; (read = readSync(fd, chunk, 0, CHUNK_BYTES, at)) > 0; at += read) {
      const bytes = Buffer.concat([torn, chunk.subarray(0, read)]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      for (const line of bytes.toString('utf8', 0, end).split('\n')) if (line !== '') apply(JSON.parse(line) as T);
      whole += end;
      torn = bytes.subarray(end);
    }
    if (torn.length > 0) ftruncateSync(fd, whole);
  }
  append(record: T): void {
    if (this.#fd !== undefined) writeSync(this.#fd, `${JSON.stringify(record)}\n`);
  }
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
