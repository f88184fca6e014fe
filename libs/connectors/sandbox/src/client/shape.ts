import { Fault, isCalendarDate, isDecimalString } from '@tieout/model';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const broken = (where: string, expected: string): Fault => new Fault('ContractBroken', `${where}: expected ${expected}`);

/** The next four read one field. @throws Fault ContractBroken naming the place and the expectation. */
export const objectsAt = (body: JsonObject, name: string, where: string): readonly JsonObject[] => {
  const list = body[name];
  if (!Array.isArray(list) || !list.every(isObject)) throw broken(`${where} ${name}`, 'a list of objects');
  return list;
};
export const textAt = (body: JsonObject, name: string, where: string): string => {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw broken(`${where} ${name}`, 'a text');
  return value;
};
export const decimalAt = (body: JsonObject, name: string, where: string): string => {
  const value = body[name];
  if (!isDecimalString(value)) throw broken(`${where} ${name}`, 'a decimal text');
  return value;
};
export const dateAt = (body: JsonObject, name: string, where: string): string => {
  const value = body[name];
  if (!isCalendarDate(value)) throw broken(`${where} ${name}`, 'a date');
  return value;
};
/** Absent, null and empty are the same to these systems. */
export const optionalText = (body: JsonObject, name: string): string | undefined => {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
