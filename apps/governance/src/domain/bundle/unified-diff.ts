/** One file of a bundle. */
export interface PolicyFile {
  readonly name: string;
  readonly text: string;
}

const CONTEXT_LINES = 3;
/** Above it, comparing line by line costs more than it shows: the differing middle is shown as replaced. */
const MOST_CELLS = 4_000_000;

type Line = readonly [mark: ' ' | '-' | '+', text: string];

/** The difference of two sets of files as `diff -u` writes it, file by file in the order of their names; files that are equal are left out. */
export const unifiedDiff = (
  before: readonly PolicyFile[],
  after: readonly PolicyFile[],
): { readonly name: string; readonly diff: string }[] => {
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  return names.flatMap((name) => {
    const [old, now] = [before, after].map((files) => files.find((file) => file.name === name)?.text);
    if (old === now) return [];
    const head = `--- ${old === undefined ? '/dev/null' : `a/${name}`}\n+++ ${now === undefined ? '/dev/null' : `b/${name}`}\n`;
    return [{ name, diff: head + hunks(compareLines(linesOf(old), linesOf(now))) }];
  });
};

const linesOf = (text: string | undefined): string[] => {
  if (text === undefined || text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

const compareLines = (a: readonly string[], b: readonly string[]): Line[] => {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (text: string): Line => [' ', text];
  return [
    ...a.slice(0, start).map(same),
    ...compareMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
};

/** By the longest common subsequence. */
const compareMiddle = (a: readonly string[], b: readonly string[]): Line[] => {
  const removed = a.map((text): Line => ['-', text]);
  const added = b.map((text): Line => ['+', text]);
  if (a.length === 0 || b.length === 0 || a.length * b.length > MOST_CELLS) return [...removed, ...added];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push([' ', a[i]!]);
      [i, j] = [i + 1, j + 1];
    } else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) lines.push(removed[i++]!);
    else lines.push(added[j++]!);
  }
  return [...lines, ...removed.slice(i), ...added.slice(j)];
};

const hunks = (lines: readonly Line[]): string => {
  const kept = new Set<number>();
  lines.forEach(([mark], index) => {
    if (mark === ' ') return;
    for (let near = index - CONTEXT_LINES; near <= index + CONTEXT_LINES; near++) kept.add(near);
  });
  let text = '';
  let [oldLine, newLine] = [1, 1];
  for (let from = 0; from < lines.length;) {
    if (!kept.has(from)) {
      // Only lines without a mark are left out, and those stand in both.
      [from, oldLine, newLine] = [from + 1, oldLine + 1, newLine + 1];
      continue;
    }
    let to = from;
    while (to < lines.length && kept.has(to)) to++;
    const hunk = lines.slice(from, to);
    const olds = hunk.filter(([mark]) => mark !== '+').length;
    const news = hunk.filter(([mark]) => mark !== '-').length;
    text += `@@ -${range(oldLine, olds)} +${range(newLine, news)} @@\n${hunk.map(([mark, line]) => `${mark}${line}\n`).join('')}`;
    [from, oldLine, newLine] = [to, oldLine + olds, newLine + news];
  }
  return text;
};

/** An empty range names the line before it, as diff does. */
const range = (line: number, count: number): string => (count === 1 ? `${line}` : `${count === 0 ? line - 1 : line},${count}`);
