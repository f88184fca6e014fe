import pg from 'pg';

const INT8 = 20;
const DATE = 1082;
const TIMESTAMPTZ = 1184;

const safeInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a JavaScript number: select it as text`);
  return value;
};

const asTimestamptz = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date | number;
const toInstant = (text: string): string => {
  const at = asTimestamptz(text);
  // 'infinity' parses to a number; it has no ISO form.
  return at instanceof Date ? at.toISOString() : text;
};

const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [INT8]: safeInteger,
  // The driver would make a Date at midnight of the process's time zone, which moves a work date by a day west of Greenwich.
  [DATE]: (text) => text,
  [TIMESTAMPTZ]: toInstant,
};

/** Column types as the model has them: bigint a number, date "2026-11-23", timestamptz an Instant, numeric text. */
export const modelTypes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    format !== 'binary' && PARSERS[oid] ? PARSERS[oid] : pg.types.getTypeParser(oid, format as 'text'),
};
