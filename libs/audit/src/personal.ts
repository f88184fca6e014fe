import { randomBytes } from 'node:crypto';
import { sha256 } from './record.js';

/** A personal value as the chain knows it. Without salt and value, which live in a table of their own, it tells nothing. */
export interface Commitment {
  readonly $personal: string;
}

/** What may be erased: then the commitment stands, the chain verifies, and nobody can tell what it was. */
export interface PersonalValue {
  readonly commitment: string;
  /** Hex, 16 bytes: equal values give different commitments. */
  readonly salt: string;
  readonly value: string;
}

export const committed = (value: string, salt = randomBytes(16).toString('hex')): PersonalValue => ({
  commitment: sha256(`${salt}\n${value}`),
  salt,
  value,
});

/** Whether the value is the one that was committed to. */
export const opens = ({ commitment, salt, value }: PersonalValue): boolean => sha256(`${salt}\n${value}`) === commitment;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Puts commitments in the place of the values of these fields, at any depth. @returns the rest, and what to keep apart */
export const withoutPersonal = (
  value: unknown,
  fields: ReadonlySet<string>,
  commit: (value: string) => PersonalValue = committed,
): { readonly value: unknown; readonly personal: readonly PersonalValue[] } => {
  const personal: PersonalValue[] = [];
  const walk = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(walk);
    if (!isObject(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([field, inner]) => {
        if (!fields.has(field) || inner === null || inner === undefined) return [field, walk(inner)];
        const kept = commit(typeof inner === 'string' ? inner : JSON.stringify(inner));
        personal.push(kept);
        return [field, { $personal: kept.commitment } satisfies Commitment];
      }),
    );
  };
  return { value: walk(value), personal };
};
