import { nameUuid } from './name-uuid.js';

/** JSON with sorted keys and without undefined: equal content gives equal text. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => (item === undefined ? 'null' : canonicalJson(item))).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = value as Record<string, unknown>;
  let text = '';
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key];
    if (field !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(field)}`;
  }
  return `{${text}}`;
};

const CONTENT = '0b0e6a0e-3f6b-5f58-8f0e-7d1f0b7f5c1d';

/** Hash of content as a UUID: for change detection and idempotency, not for tamper evidence (the audit ledger hashes for that). */
export const contentHash = (value: unknown): string => textHash(canonicalJson(value));

/** The same of text that `canonicalJson` gave. */
export const textHash = (canonical: string): string => nameUuid(canonical, CONTENT);
