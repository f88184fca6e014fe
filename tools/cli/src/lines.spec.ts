import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { linesOf } from './lines.js';

const folder = mkdtempSync(join(tmpdir(), 'tieout-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = async (text: string): Promise<string[]> => {
  const file = join(folder, 'x');
  writeFileSync(file, text);
  const lines: string[] = [];
  for await (const line of linesOf(file)) lines.push(line);
  return lines;
};

it.each<[string, string, string[]]>([
  ['nothing', '', []],
  ['a line without an end', 'a', ['a']],
  ['empty lines', '\n\n', ['', '']],
  ['separators that are no line feeds', 'a\u2028b\u2029c\rd\n', ['a\u2028b\u2029c\rd']],
])('%s', async (_, text, lines) => expect(await read(text)).toEqual(lines));

it('lines and letters of several bytes that lie across chunks stay whole', async () => {
  const lines = Array.from({ length: 9 }, (_, n) => `${n}${'ü'.repeat(300_000)}`);
  expect(await read(`${lines.join('\n')}\n`)).toEqual(lines);
});
