import { randomBytes } from 'node:crypto';
import { PERSONAL_FIELDS, typedByAPerson } from './personal-fields.js';
import { sha256, type AuditEntry } from './record.js';

/**
 * What may be erased. The record holds only "personal:<commitment>": without salt and value it tells nothing, and the chain verifies
 * with or without them.
 */
export interface PersonalValue {
  readonly commitment: string;
  /** Hex, 16 bytes: equal values give different commitments. */
  readonly salt: string;
  readonly value: string;
}

const PREFIX = 'personal:';
const IN_TEXT = /"personal:([0-9a-f]{64})"/g;

export const committed = (value: string, salt = randomBytes(16).toString('hex')): PersonalValue => ({
  commitment: sha256(`${salt}\n${value}`),
  salt,
  value,
});

/** Whether the value is the one that was committed to. */
export const opens = ({ commitment, salt, value }: PersonalValue): boolean => sha256(`${salt}\n${value}`) === commitment;

/** The commitments that a record's text holds. */
export const commitmentsIn = (text: string): string[] => [...text.matchAll(IN_TEXT)].map(([, commitment]) => commitment!);

type Keep = (value: unknown) => string;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** Of "attribute: value" pairs (a drift, say) the field's name is itself a value; all beside it is personal but what says where it was found. */
const NAMES_A_FIELD = 'attribute';
const SAYS_WHERE: ReadonlySet<string> = new Set([
  'attribute',
  'kind',
  'code',
  'connection',
  'owner',
  'validFrom',
  'legalEntityId',
]);

const replaced = (part: unknown, fields: ReadonlySet<string>, keep: Keep): unknown => {
  if (Array.isArray(part)) return part.map((item) => replaced(item, fields, keep));
  if (!isObject(part)) return part;
  const named = part[NAMES_A_FIELD];
  const all = typeof named === 'string' && fields.has(named);
  return Object.fromEntries(
    Object.entries(part).map(([field, inner]) => {
      const personal = fields.has(field) || (all && !SAYS_WHERE.has(field));
      if (!personal || inner === null || inner === undefined) return [field, replaced(inner, fields, keep)];
      return [field, keep(inner)];
    }),
  );
};

/** Puts commitments in the place of personal values (`personal-fields.ts` says which). @returns the rest, and what to keep apart */
export const withoutPersonal = (
  entry: AuditEntry,
  commit: (value: string) => PersonalValue = committed,
): { readonly entry: AuditEntry; readonly personal: readonly PersonalValue[] } => {
  const fields = PERSONAL_FIELDS[entry.subjectKind];
  const reasonToo = entry.reason !== undefined && typedByAPerson(entry.actor);
  // Nearly all records: nothing to look for, nothing to copy.
  if (fields === undefined && !reasonToo) return { entry, personal: [] };
  const personal: PersonalValue[] = [];
  const keep: Keep = (value) => {
    const kept = commit(typeof value === 'string' ? value : JSON.stringify(value));
    personal.push(kept);
    return PREFIX + kept.commitment;
  };
  const { before, after, reason, ...rest } = entry;
  return {
    entry: {
      ...rest,
      ...(before !== undefined && { before: fields ? replaced(before, fields, keep) : before }),
      ...(after !== undefined && { after: fields ? replaced(after, fields, keep) : after }),
      ...(reason !== undefined && { reason: reasonToo ? keep(reason) : reason }),
    },
    personal,
  };
};
