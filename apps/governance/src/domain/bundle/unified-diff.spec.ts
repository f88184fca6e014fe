import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from './unified-diff.js';

const file = (text: string) => [{ name: 'validation.yaml', text }];

/** Applies a unified diff, as a reader of the format would. */
const patched = (before: string, diff: string): string => {
  const old = before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const head = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (head) {
      const start = head[2] === '0' ? Number(head[1]) : Number(head[1]) - 1;
      out.push(...old.slice(at, start));
      at = start;
    } else if (line[0] === '+') out.push(line.slice(1));
    else {
      expect(old[at]).toBe(line.slice(1));
      if (line[0] === ' ') out.push(old[at]!);
      at++;
    }
  }
  return [...out, ...old.slice(at)].map((line) => `${line}\n`).join('');
};

describe('unifiedDiff', () => {
  it('shows changed lines with three lines around them', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    expect(unifiedDiff(file(before), file(before.replace('e', 'E')))).toEqual([
      {
        name: 'validation.yaml',
        diff: '--- a/validation.yaml\n+++ b/validation.yaml\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n',
      },
    ]);
  });

  it('shows a file that is new and one that is gone, and nothing of one that is the same', () => {
    const same = { name: 'slas.yaml', text: 'x: 1\n' };
    expect(unifiedDiff([same, ...file('x\n')], [same, { name: 'legal-entities/DE01.yaml', text: 'y\n' }])).toEqual([
      { name: 'legal-entities/DE01.yaml', diff: '--- /dev/null\n+++ b/legal-entities/DE01.yaml\n@@ -0,0 +1 @@\n+y\n' },
      { name: 'validation.yaml', diff: '--- a/validation.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n' },
    ]);
  });

  it('turns the old text into the new one, whatever they are', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 })
      .map((lines) => lines.map((l) => `${l}\n`).join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [found] = unifiedDiff(file(before), file(after));
        expect(found ? patched(before, found.diff) : before).toBe(after);
      }),
      { numRuns: 500 },
    );
  });

  it('is shown as replaced where comparing would take too long', () => {
    const lines = (word: string): string => Array.from({ length: 2100 }, (_, i) => `${word} ${i}\n`).join('');
    const [found] = unifiedDiff(file(lines('old')), file(lines('new')));
    expect(found!.diff.split('\n').slice(2, 4)).toEqual(['@@ -1,2100 +1,2100 @@', '-old 0']);
  });
});
