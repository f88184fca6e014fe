import { v5 } from 'uuid';

/** JSON with sorted keys and without undefined: equal content gives equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
};

const CONTENT = '0b0e6a0e-3f6b-5f58-8f0e-7d1f0b7f5c1d';

/** Hash of content as a UUID: for change detection and idempotency, not for tamper evidence (the audit ledger hashes for that). */
export const contentHash = (value: unknown): string => v5(canonicalJson(value), CONTENT);
