import { createReadStream } from 'node:fs';

const CHUNK_BYTES = 1 << 20;

/**
 * The lines of a file, cut at line feeds and nowhere else: Node's readline also cuts at U+2028 and U+2029, which may stand in a text that
 * was hashed as one line.
 */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: CHUNK_BYTES })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
