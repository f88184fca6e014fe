import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { PolicyProblem } from '../compiled-policy.js';

export type Path = readonly (string | number)[];

/** One YAML file of the bundle with the place of every value, and the problems found in it. */
export class BundleFile {
  readonly problems: PolicyProblem[] = [];
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(
    readonly name: string,
    text: string,
  ) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true });
    for (const error of this.#document.errors) {
      const { line, col } = this.#lines.linePos(error.pos[0]);
      // The library's message goes on with an excerpt; the first line says it all.
      this.problems.push({
        file: name,
        line,
        column: col,
        message: `not valid YAML: ${error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')}`,
        fix: 'correct the indentation, quotes or repeated key here',
      });
    }
  }

  get root(): Node | null {
    return this.#document.contents as Node | null;
  }

  /** Reports at the node, or at the start of the file when there is none. */
  reportAt(node: unknown, message: string, fix: string): void {
    const offset = isNode(node) && node.range ? node.range[0] : 0;
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ file: this.name, line, column: col, message, fix });
  }

  /** Reports at the value that stands at the path, or at what stands nearest above it (a short form has no inner keys). */
  report(path: Path, message: string, fix: string): void {
    let node: unknown;
    for (let depth = path.length; depth > 0 && node === undefined; depth--)
      node = this.#document.getIn(path.slice(0, depth), true);
    this.reportAt(node ?? this.root, message, fix);
  }

  /** Reports at the key, not at its value. */
  reportKey(path: Path, message: string, fix: string): void {
    const parent = path.length === 1 ? this.root : this.#document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === path.at(-1))
      : undefined;
    this.reportAt(pair?.key ?? parent, message, fix);
  }
}

export const pathText = (path: Path): string => path.map((part) => (typeof part === 'number' ? `[${part + 1}]` : part)).join('.');
