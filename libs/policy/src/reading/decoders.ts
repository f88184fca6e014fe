import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { pathText, type BundleFile, type Path } from './bundle-file.js';
import { nearest } from './nearest.js';

/** What a decoder returns after it has reported a problem. */
export const BAD = Symbol('bad');
export type Bad = typeof BAD;
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Reads one value; reports what is wrong with it, so that one pass finds every problem. `schema` tells an editor the same, as far as JSON
 * Schema goes: it takes whatever the decoder takes.
 */
export interface Decoder<T> {
  (node: unknown, path: Path, file: BundleFile): T | Bad;
  readonly schema: JsonSchema;
}
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

export const decoder = <T>(read: (node: unknown, path: Path, file: BundleFile) => T | Bad, schema: JsonSchema): Decoder<T> =>
  Object.assign(read, { schema });

export interface Field<T> {
  readonly decode: Decoder<T>;
  readonly required: boolean;
  readonly fallback: T | undefined;
}
export const required = <T>(decode: Decoder<T>): Field<T> => ({ decode, required: true, fallback: undefined });
export const optional = <T>(decode: Decoder<T>): Field<T | undefined> => ({ decode, required: false, fallback: undefined });
export const withDefault = <T>(decode: Decoder<T>, fallback: T): Field<T> => ({ decode, required: false, fallback });

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape of any object
type Fields = Record<string, Field<any>>;
type FieldsDecoded<S extends Fields> = { [K in keyof S]: S[K] extends Field<infer T> ? T : never };

export const shown = (path: Path): string => (path.length === 0 ? 'the file' : `"${pathText(path)}"`);
export const kindOf = (node: unknown): string =>
  isMap(node) ? 'a map' : isSeq(node) ? 'a list' : isAlias(node) ? 'an alias' : 'a single value';
export const isMissing = (node: unknown): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

/** A map with exactly these keys. */
export const object = <S extends Fields>(fields: S): Decoder<FieldsDecoded<S>> => {
  const known = Object.keys(fields);
  const read = (node: unknown, path: Path, file: BundleFile): FieldsDecoded<S> | Bad => {
    if (!isMap(node)) {
      file.reportAt(
        node,
        `${shown(path)} is ${isMissing(node) ? 'empty' : kindOf(node)}: expected a map`,
        `give it the keys ${known.join(', ')}`,
      );
      return BAD;
    }
    let bad = false;
    const values = new Map<string, unknown>();
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (Object.hasOwn(fields, key)) values.set(key, pair.value);
      else {
        bad = true;
        const near = nearest(key, known);
        file.reportAt(
          pair.key,
          `unknown key "${key}" in ${shown(path)}`,
          near ? `did you mean "${near}"?` : `known keys: ${known.join(', ')}`,
        );
      }
    }
    const result: Record<string, unknown> = {};
    for (const key of known) {
      const field = fields[key]!;
      if (values.has(key)) {
        const value: unknown = field.decode(values.get(key) as Node, [...path, key], file);
        if (value === BAD) bad = true;
        else result[key] = value;
      } else if (field.required) {
        bad = true;
        file.reportAt(node, `${shown(path)} lacks "${key}"`, `add "${key}:" here`);
      } else if (field.fallback !== undefined) result[key] = field.fallback;
    }
    return bad ? BAD : (result as FieldsDecoded<S>);
  };
  return decoder(read, objectSchema(fields));
};

const objectSchema = (fields: Fields): JsonSchema => {
  const needed = Object.keys(fields).filter((key) => fields[key]!.required);
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(fields).map(([key, { decode, fallback }]) => [
        key,
        fallback === undefined ? decode.schema : { ...decode.schema, default: fallback as unknown },
      ]),
    ),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
};

export interface Key {
  readonly allowed: (key: string) => boolean;
  readonly expected: string;
  readonly known?: readonly string[];
  readonly pattern?: string;
}
export const oneOf = (known: readonly string[], expected: string): Key => ({
  allowed: (key) => known.includes(key),
  expected,
  known,
});
export const like = (pattern: RegExp, expected: string): Key => ({
  allowed: (key) => pattern.test(key),
  expected,
  pattern: pattern.source,
});

/** A map whose keys the author chooses. */
export const record = <T>(key: Key, value: Decoder<T>): Decoder<Record<string, T>> => {
  const read = (node: unknown, path: Path, file: BundleFile): Record<string, T> | Bad => {
    if (!isMap(node)) {
      file.reportAt(
        node,
        `${shown(path)} is ${isMissing(node) ? 'empty' : kindOf(node)}: expected a map`,
        `write one line per ${key.expected}`,
      );
      return BAD;
    }
    let bad = false;
    const result: Record<string, T> = {};
    for (const pair of node.items) {
      const name = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : '';
      if (!key.allowed(name)) {
        bad = true;
        const near = nearest(name, key.known ?? []);
        file.reportAt(
          pair.key,
          `"${name}" in ${shown(path)} is not ${key.expected}`,
          near ? `did you mean "${near}"?` : key.known ? `known: ${key.known.join(', ')}` : `use ${key.expected}`,
        );
        continue;
      }
      const decoded = value(pair.value, [...path, name], file);
      if (decoded === BAD) bad = true;
      else result[name] = decoded;
    }
    return bad ? BAD : result;
  };
  return decoder(read, {
    type: 'object',
    propertyNames: key.known ? { enum: key.known } : { pattern: key.pattern ?? '' },
    additionalProperties: value.schema,
  });
};

export const list = <T>(item: Decoder<T>, atLeast = 0): Decoder<T[]> => {
  const read = (node: unknown, path: Path, file: BundleFile): T[] | Bad => {
    if (!isSeq(node)) {
      file.reportAt(
        node,
        `${shown(path)} is ${isMissing(node) ? 'empty' : kindOf(node)}: expected a list`,
        'write [a, b] or one "- a" per line',
      );
      return BAD;
    }
    if (node.items.length < atLeast) {
      file.reportAt(node, `${shown(path)} has ${node.items.length} items: expected at least ${atLeast}`, 'add an item');
      return BAD;
    }
    const items = node.items.map((child, index) => item(child, [...path, index], file));
    return items.includes(BAD) ? BAD : (items as T[]);
  };
  return decoder(read, { type: 'array', items: item.schema, ...(atLeast > 0 && { minItems: atLeast }) });
};

/** Takes a short form beside the long one. */
export const either = <A, B>(isFirst: (node: unknown) => boolean, first: Decoder<A>, second: Decoder<B>): Decoder<A | B> =>
  decoder<A | B>((node, path, file) => (isFirst(node) ? first(node, path, file) : second(node, path, file)), {
    anyOf: [first.schema, second.schema],
  });

export const isSingle = (node: unknown): boolean => isScalar(node) && node.value !== null;
export const isListNode = (node: unknown): boolean => isSeq(node);

/** Turns the decoded value into another. */
export const mapped = <A, B>(decode: Decoder<A>, fn: (value: A) => B): Decoder<B> =>
  decoder((node, path, file) => {
    const value = decode(node, path, file);
    return value === BAD ? BAD : fn(value);
  }, decode.schema);

/** A rule over a decoded value. `check` answers message and fix, or undefined when all is well. */
export const checked = <T>(
  decode: Decoder<T>,
  check: (value: T) => readonly [message: string, fix: string] | undefined,
): Decoder<T> =>
  decoder((node, path, file) => {
    const value = decode(node, path, file);
    if (value === BAD) return BAD;
    const wrong = check(value);
    if (!wrong) return value;
    file.reportAt(node, `${shown(path)} ${wrong[0]}`, wrong[1]);
    return BAD;
  }, decode.schema);
