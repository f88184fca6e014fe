import type { JsonSchema } from '../schemas.js';

export interface BreakingChange {
  /** File of the contract: "events/time.entry.released.v1.schema.json". */
  readonly contract: string;
  /** Where in the message: "content.hours", "lines[].amount". */
  readonly path: string;
  readonly problem: string;
}

type Schemas = Readonly<Record<string, JsonSchema>>;
type Report = (path: string, problem: string) => void;

/**
 * What would break whoever keeps to a published contract: a reader of old messages, or of messages as they were promised.
 * Allowed: new optional properties, wider enums and limits, new contracts.
 */
export const breakingChanges = (published: Schemas, current: Schemas): BreakingChange[] =>
  Object.entries(published).flatMap(([contract, before]) => {
    const found: BreakingChange[] = [];
    const report: Report = (path, problem) => found.push({ contract, path: path || '(body)', problem });
    const after = current[contract];
    if (!after) report('', 'the contract is gone; a published version stays until nobody uses it');
    else new Comparison(before, after, report).compare(before, after, '');
    return found;
  });

export const explain = (changes: readonly BreakingChange[]): string =>
  [
    'Published contracts would break:',
    ...changes.map(({ contract, path, problem }) => `  ${contract}: ${path}: ${problem}`),
    'Add a new contract version (…V2, a new event type) beside the old one, or make the change compatible.',
  ].join('\n');

const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];

class Comparison {
  // Definitions that contain the place we are at: a class that holds itself ends there.
  readonly #within: string[] = [];

  constructor(
    private readonly before: JsonSchema,
    private readonly after: JsonSchema,
    private readonly report: Report,
  ) {}

  compare(beforeNode: unknown, afterNode: unknown, path: string): void {
    const refs = `${refOf(beforeNode)} ${refOf(afterNode)}`;
    if (refs !== ' ' && this.#within.includes(refs)) return;
    this.#within.push(refs);
    const before = resolve(this.before, beforeNode);
    const after = resolve(this.after, afterNode);
    this.#types(before, after, path);
    this.#values(before, after, path);
    this.#limits(before, after, path);
    this.#properties(before, after, path);
    if (before['items'] !== undefined || after['items'] !== undefined)
      this.compare(before['items'] ?? {}, after['items'] ?? {}, `${path}[]`);
    this.#within.pop();
  }

  #types(before: JsonSchema, after: JsonSchema, path: string): void {
    const [was, is] = [typesOf(before), typesOf(after)];
    if (was.join() !== is.join())
      this.report(path, `type changed from ${was.join(' or ') || 'any'} to ${is.join(' or ') || 'any'}`);
  }

  #values(before: JsonSchema, after: JsonSchema, path: string): void {
    const was = before['enum'] as unknown[] | undefined;
    const is = after['enum'] as unknown[] | undefined;
    if (is && !was) this.report(path, `only certain values are allowed now: ${is.join(', ')}`);
    const lost = is && was ? was.filter((value) => !is.includes(value)) : [];
    if (lost.length > 0) this.report(path, `values no longer allowed: ${lost.join(', ')}`);
    // Whether one pattern takes all that another takes cannot be decided in general, so every other pattern counts as narrower. What
    // was a list of values is decided: a pattern that takes each of them is a wider list.
    const takesList = was?.every((value) => new RegExp(String(after['pattern'])).test(String(value))) ?? false;
    if (after['pattern'] !== undefined && after['pattern'] !== before['pattern'] && !takesList)
      this.report(
        path,
        `pattern ${before['pattern'] === undefined ? 'added' : `changed from ${String(before['pattern'])}`}: ${String(after['pattern'])}`,
      );
    if (after['additionalProperties'] === false && before['additionalProperties'] !== false)
      this.report(path, 'unknown properties are refused now');
  }

  #limits(before: JsonSchema, after: JsonSchema, path: string): void {
    for (const keyword of [...UPPER, ...LOWER]) {
      const was = before[keyword] as number | undefined;
      const is = after[keyword] as number | undefined;
      if (is === undefined || is === was) continue;
      const narrower = was === undefined || (UPPER.includes(keyword) ? is < was : is > was);
      if (narrower) this.report(path, `${keyword} ${was === undefined ? 'added' : `changed from ${was}`}: ${is}`);
    }
  }

  #properties(before: JsonSchema, after: JsonSchema, path: string): void {
    const was = (before['properties'] ?? {}) as Record<string, unknown>;
    const is = (after['properties'] ?? {}) as Record<string, unknown>;
    const [needed, needs] = [requiredOf(before), requiredOf(after)];
    const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
    for (const name of Object.keys(was)) {
      if (is[name] === undefined) this.report(at(name), 'property removed or renamed');
      else this.compare(was[name], is[name], at(name));
    }
    for (const name of needs) if (!needed.has(name)) this.report(at(name), 'property is required now');
    for (const name of needed)
      if (is[name] !== undefined && !needs.has(name)) this.report(at(name), 'property was promised and is optional now');
  }
}

const refOf = (node: unknown): string => String((node as JsonSchema | undefined)?.['$ref'] ?? '');
const requiredOf = (schema: JsonSchema): ReadonlySet<string> => new Set((schema['required'] ?? []) as string[]);
const typesOf = (schema: JsonSchema): string[] => [schema['type'] ?? []].flat().map(String).sort();

function resolve(root: JsonSchema, node: unknown): JsonSchema {
  const ref = (node as JsonSchema)['$ref'];
  if (typeof ref !== 'string') return node as JsonSchema;
  const name = ref.slice('#/definitions/'.length);
  return (root['definitions'] as Record<string, JsonSchema>)[name] ?? {};
}
