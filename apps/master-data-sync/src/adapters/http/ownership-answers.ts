import { Problem } from '@tieout/service-kit';
import { isPersonal } from '@tieout/model';
import { driftDetail, driftKey, driftSuggestion } from '../../domain/drift.js';
import type { OpenDrift } from '../postgres/drift.store.js';

export const driftAnswer = (items: readonly OpenDrift[], limit: number): object => {
  const last = items.length === limit ? items.at(-1) : undefined;
  return {
    items: items.map((drift) => ({
      ...drift,
      itemKey: driftKey(drift),
      /** True: the values tell of a person and are not shown; look in the two systems. */
      personal: isPersonal(drift.kind, drift.attribute),
      detail: driftDetail(drift),
      suggestion: driftSuggestion(drift),
    })),
    next: last
      ? Buffer.from(JSON.stringify([last.kind, last.code, last.attribute, last.connection])).toString('base64url')
      : null,
  };
};

/** @throws Problem 400 */
export const toDriftCursor = (after: string | undefined): readonly string[] | undefined => {
  if (after === undefined) return undefined;
  try {
    const parts = JSON.parse(Buffer.from(after, 'base64url').toString()) as unknown;
    if (Array.isArray(parts) && parts.length === 4 && parts.every((part) => typeof part === 'string')) return parts as string[];
  } catch {
    // Falls through: whatever is wrong with it, it is no cursor of ours.
  }
  throw new Problem(
    400,
    'invalid-request',
    'The request is wrong',
    'after is no cursor.',
    'Pass the "next" of the page before, as it is.',
  );
};

/** Values that a spreadsheet would take for a formula are quoted as text. */
const cell = (value: string): string => {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const toCsv = (
  rows: readonly { readonly kind: string; readonly attribute: string; readonly legalEntityId: string; readonly owner: string }[],
): string =>
  [
    'kind,attribute,legal entity,system of record',
    ...rows.map(({ kind, attribute, legalEntityId, owner }) => [kind, attribute, legalEntityId, owner].map(cell).join(',')),
  ].join('\n') + '\n';
