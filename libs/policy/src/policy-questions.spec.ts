import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const ROW =
  /^\|(?<question>[^|]*)\| \[(?<shown>[^\]]+)\]\(\.\.\/(?<file>[^#)]+)#L(?<line>\d+)\) *\| `(?<text>[^`]+)` *\| `(?<spec>[^`]+)`: (?<name>[^|]+?) *\|$/;
const read = (file: string): string => readFileSync(root + file, 'utf8');

const table = read('docs/policy-questions.md')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2);
const rows = table.map((line) => ROW.exec(line)?.groups ?? { shown: line });

it.each(rows.map((row) => [row['shown']!, row] as const))(
  'docs/policy-questions.md: %s says so, and its test is there',
  (shown, row) => {
    const { file, line, text, spec, name } = row;
    expect(
      file,
      `the row ${shown} is not "question | [file:line](../path#Lline) | \`text\` | \`path\`: test name"`,
    ).toBeDefined();
    const lines = read(file!).split('\n');
    const now = lines.findIndex((each) => each.includes(text!)) + 1;
    expect(
      lines[Number(line) - 1],
      `${file} line ${line}: "${text}" stands in line ${now} now; correct docs/policy-questions.md`,
    ).toContain(text);
    expect(shown).toBe(`${file!.replace('deploy/governance/demo/', '')}:${line}`);
    expect(
      read(spec!),
      `${spec} has no test "${name}"; name one that shows the answer at work in docs/policy-questions.md`,
    ).toContain(name);
  },
);

it('every question of the firm’s list is answered', () => {
  const asked = rows.map((row) => row['question']?.trim()).filter((question) => question);
  expect(asked).toHaveLength(18);
});
