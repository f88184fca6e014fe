import { durationMs, isCalendarDate, isDecimalString, isTimeZone } from '@tieout/model';
import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { pathText, type BundleFile, type Path } from './bundle-file.js';
import { nearest } from './nearest.js';

/** What a decoder returns after it has reported a problem. */
export const BAD = Symbol('bad');
export type Bad = typeof BAD;
/** Reads one value; reports what is wrong with it, so that one pass finds every problem. */
export type Decoder<T> = (node: unknown, path: Path, file: BundleFile) => T | Bad;
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

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

const shown = (path: Path): string => (path.length === 0 ? 'the file' : `"${pathText(path)}"`);
const kindOf = (node: unknown): string =>
  isMap(node) ? 'a map' : isSeq(node) ? 'a list' : isAlias(node) ? 'an alias' : 'a single value';
const missingNode = (node: unknown): boolean => node === null || node === undefined || (isScalar(node) && node.value === null);

/** A map with exactly these keys. */
export const object =
  <S extends Fields>(fields: S): Decoder<FieldsDecoded<S>> =>
  (node, path, file) => {
    const known = Object.keys(fields);
    if (!isMap(node)) {
      file.reportAt(
        node,
        `${shown(path)} is ${missingNode(node) ? 'empty' : kindOf(node)}: expected a map`,
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

/** A map whose keys the author chooses. */
export const record =
  <T>(
    key: { readonly allowed: (key: string) => boolean; readonly expected: string; readonly known?: readonly string[] },
    value: Decoder<T>,
  ): Decoder<Record<string, T>> =>
  (node, path, file) => {
    if (!isMap(node)) {
      file.reportAt(
        node,
        `${shown(path)} is ${missingNode(node) ? 'empty' : kindOf(node)}: expected a map`,
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

export const list =
  <T>(item: Decoder<T>, atLeast = 0): Decoder<T[]> =>
  (node, path, file) => {
    if (!isSeq(node)) {
      file.reportAt(
        node,
        `${shown(path)} is ${missingNode(node) ? 'empty' : kindOf(node)}: expected a list`,
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

/** A single value as it is written: 0500 stays "0500" and 7.50 stays "7.50". */
export const scalar =
  <T>(read: (text: string) => T | undefined, expected: string): Decoder<T> =>
  (node, path, file) => {
    if (!isScalar(node) || node.value === null) {
      file.reportAt(
        node,
        `${shown(path)} is ${missingNode(node) ? 'empty' : kindOf(node)}: expected ${expected}`,
        `write ${expected}`,
      );
      return BAD;
    }
    const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    const value = read(text);
    if (value !== undefined) return value;
    file.reportAt(node, `${shown(path)} is "${text}": expected ${expected}`, `write ${expected}`);
    return BAD;
  };

export const text = (expected = 'a text', pattern = /\S/): Decoder<string> =>
  scalar((value) => (pattern.test(value) ? value : undefined), expected);

export const choice =
  <const T extends string>(choices: readonly T[]): Decoder<T> =>
  (node, path, file) => {
    const value = scalar((raw) => raw, `one of ${choices.join(', ')}`)(node, path, file);
    if (value === BAD || (choices as readonly string[]).includes(value)) return value as T | Bad;
    const near = nearest(value, choices);
    file.reportAt(
      node,
      `${shown(path)} is "${value}": expected one of ${choices.join(', ')}`,
      near ? `did you mean "${near}"?` : `choose one of ${choices.join(', ')}`,
    );
    return BAD;
  };

export const flag: Decoder<boolean> = scalar(
  (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
  'true or false',
);

export const integer = (min: number, max: number): Decoder<number> =>
  scalar(
    (value) => (/^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined),
    `a whole number from ${min} to ${max}`,
  );

export const share: Decoder<number> = scalar(
  (value) => (/^(0(\.\d+)?|1(\.0+)?)$/.test(value) ? Number(value) : undefined),
  'a share from 0 to 1, for example 0.2',
);

export const decimalText = (expected = 'a decimal, for example 7.5'): Decoder<string> =>
  scalar((value) => (isDecimalString(value) ? value : undefined), expected);

export const duration: Decoder<string> = scalar((value) => {
  try {
    return durationMs(value) >= 0 ? value : undefined;
  } catch {
    return undefined;
  }
}, 'an ISO 8601 duration, for example PT4H or P2D');

export const calendarDate: Decoder<string> = scalar(
  (value) => (isCalendarDate(value) ? value : undefined),
  'a date, for example 2026-12-25',
);

export const timeZone: Decoder<string> = scalar(
  (value) => (/\w/.test(value) && isTimeZone(value) ? value : undefined),
  'an IANA time zone, for example Europe/Berlin',
);

/** Takes a short form beside the long one. */
export const either =
  <A, B>(isFirst: (node: unknown) => boolean, first: Decoder<A>, second: Decoder<B>): Decoder<A | B> =>
  (node, path, file) =>
    isFirst(node) ? first(node, path, file) : second(node, path, file);

export const isSingle = (node: unknown): boolean => isScalar(node) && node.value !== null;
export const isListNode = (node: unknown): boolean => isSeq(node);

/** Turns the decoded value into another. */
export const mapped =
  <A, B>(decode: Decoder<A>, fn: (value: A) => B): Decoder<B> =>
  (node, path, file) => {
    const value = decode(node, path, file);
    return value === BAD ? BAD : fn(value);
  };

/** A rule over a decoded value. `check` answers message and fix, or undefined when all is well. */
export const checked =
  <T>(decode: Decoder<T>, check: (value: T) => readonly [message: string, fix: string] | undefined): Decoder<T> =>
  (node, path, file) => {
    const value = decode(node, path, file);
    if (value === BAD) return BAD;
    const wrong = check(value);
    if (!wrong) return value;
    file.reportAt(node, `${shown(path)} ${wrong[0]}`, wrong[1]);
    return BAD;
  };
