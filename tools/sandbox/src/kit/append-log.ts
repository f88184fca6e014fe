import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

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
    const text = existsSync(this.path) ? readFileSync(this.path, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const line of whole.split('\n')) if (line !== '') apply(JSON.parse(line) as T);
    this.#fd = openSync(this.path, 'a');
    if (fstatSync(this.#fd).size > Buffer.byteLength(whole)) ftruncateSync(this.#fd, Buffer.byteLength(whole));
  }
  append(record: T): void {
    if (this.#fd !== undefined) writeSync(this.#fd, `${JSON.stringify(record)}\n`);
  }
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
