import { durationMs, isCalendarDate, isDecimalString, isTimeZone } from '@tieout/model';
import { isScalar } from 'yaml';
import { BAD, decoder, isMissing, kindOf, shown, type Bad, type Decoder, type JsonSchema } from './decoders.js';
import { nearest } from './nearest.js';

/** YAML reads 0500 as a number and "yes" as a text; we read what is written. */
const ANY_SCALAR: JsonSchema = { type: ['string', 'number', 'boolean'] };
const numberOr = (pattern: string, bounds: JsonSchema = {}): JsonSchema => ({
  anyOf: [
    { type: 'number', ...bounds },
    { type: 'string', pattern },
  ],
});

/** A single value as it is written: 0500 stays "0500" and 7.50 stays "7.50". */
export const scalar = <T>(read: (text: string) => T | undefined, expected: string, schema: JsonSchema = ANY_SCALAR): Decoder<T> =>
  decoder(
    (node, path, file) => {
      if (!isScalar(node) || node.value === null) {
        file.reportAt(
          node,
          `${shown(path)} is ${isMissing(node) ? 'empty' : kindOf(node)}: expected ${expected}`,
          `write ${expected}`,
        );
        return BAD;
      }
      const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
      const value = read(text);
      if (value !== undefined) return value;
      file.reportAt(node, `${shown(path)} is "${text}": expected ${expected}`, `write ${expected}`);
      return BAD;
    },
    { description: expected, ...schema },
  );

export const text = (expected = 'a text', pattern = /\S/): Decoder<string> =>
  scalar((value) => (pattern.test(value) ? value : undefined), expected, { ...ANY_SCALAR, pattern: pattern.source });

export const choice = <const T extends string>(choices: readonly T[]): Decoder<T> =>
  decoder(
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
    },
    { enum: choices },
  );

export const flag: Decoder<boolean> = scalar(
  (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
  'true or false',
  { enum: [true, false, 'true', 'false'] },
);

export const integer = (min: number, max: number): Decoder<number> =>
  scalar(
    (value) => (/^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined),
    `a whole number from ${min} to ${max}`,
    numberOr('^-?\\d+$', { type: 'integer', minimum: min, maximum: max }),
  );

export const share: Decoder<number> = scalar(
  (value) => (/^(0(\.\d+)?|1(\.0+)?)$/.test(value) ? Number(value) : undefined),
  'a share from 0 to 1, for example 0.2',
  numberOr('^(0(\\.\\d+)?|1(\\.0+)?)$', { minimum: 0, maximum: 1 }),
);

export const decimalText = (expected = 'a decimal, for example 7.5'): Decoder<string> =>
  scalar((value) => (isDecimalString(value) ? value : undefined), expected, numberOr('^-?\\d+(\\.\\d+)?$'));

export const duration: Decoder<string> = scalar(
  (value) => {
    try {
      return durationMs(value) >= 0 ? value : undefined;
    } catch {
      return undefined;
    }
  },
  'an ISO 8601 duration, for example PT4H or P2D',
  { type: 'string', pattern: '^P(?=.)(\\d+D)?(T(?=.)(\\d+H)?(\\d+M)?(\\d+S)?)?$' },
);

export const calendarDate: Decoder<string> = scalar(
  (value) => (isCalendarDate(value) ? value : undefined),
  'a date, for example 2026-12-25',
  { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
);

export const timeZone: Decoder<string> = scalar(
  (value) => (/\w/.test(value) && isTimeZone(value) ? value : undefined),
  'an IANA time zone, for example Europe/Berlin',
  { type: 'string' },
);
