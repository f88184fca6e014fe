import { InvalidArgumentError, Option } from 'commander';

/** Parsers of options: what they throw, commander shows beside the option's name. */
export const wholeNumber =
  (min: number, max: number) =>
  (value: string): number => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
  };

export const calendarDate = (value: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`))) return value;
  throw new InvalidArgumentError('expected a date such as 2026-11-30.');
};

/** "2026-11-30T18:00:00Z", with an offset, or a date, which means its beginning in UTC. @returns UTC with milliseconds */
export const instant = (value: string): string => {
  const shaped = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(value);
  const ms = shaped ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new InvalidArgumentError('expected an instant such as 2026-11-30T18:00:00Z or 2026-11-30T19:00:00+01:00.');
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (value: string): boolean => UUID.test(value);

export const uuid = (value: string): string => {
  if (isUuid(value)) return value;
  throw new InvalidArgumentError('expected an id such as 0198c2f4-0000-7000-8000-000000000001.');
};

/** Ids one after the other or separated by commas. */
export const uuids = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...value.split(',').map((one) => uuid(one.trim())),
];

export const words = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...value.split(',').map((one) => one.trim()),
];

export const FEEDS = { erp: 'erp-posting', payroll: 'payroll-feed', warehouse: 'analytics-feed' } as const;
export type FeedName = keyof typeof FEEDS;
export const feedOption = (): Option =>
  new Option('--feed <feed>', 'which feed').choices(Object.keys(FEEDS)).default('erp' satisfies FeedName);
