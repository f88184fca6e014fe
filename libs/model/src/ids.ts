import { nameUuid } from './name-uuid.js';

/** Namespace of every derived id. Never change it: entry ids and posting keys of all history hang on it. */
const TIEOUT = '6f1c2a52-6f0e-5b0c-9d5f-0d8a3e0b7a11';

export type EntryId = string;
export type ConnectionId = string;
export type PostingKey = string;

const derive = (...parts: (string | number)[]): string =>
  // JSON keeps the parts apart: ("a:b","c") and ("a","b:c") must never meet.
  nameUuid(JSON.stringify(parts.map(String)), TIEOUT);

/** Stable id of a time entry: UUIDv5(connection, source id). Connections are therefore never renamed. */
export const entryIdOf = (connection: ConnectionId, sourceId: string): EntryId => derive('entry', connection, sourceId);

/** Stable id of a canonical master object, from the match key under which it was first seen. */
export const masterIdOf = (kind: string, matchKey: string): string => derive('master', kind, matchKey);

/**
 * One consequence of an hour. `pay:` names the pay code, so that a change of code is two legs and never one key twice. `carried-over:` takes
 * back, in the destination that a legal entity moved to, what stays booked in the one that it left.
 */
export const LEGS = [
  'labour-cost',
  'contractor-accrual',
  'intercompany-due-from',
  'intercompany-due-to',
  'time-accrual',
  'fact',
] as const;
export type Leg = (typeof LEGS)[number] | `pay:${string}` | `carried-over:${string}`;
/** `adjustment`: what is missing to the latest release where nothing is ever reversed (payroll); may be negative. */
export const POSTING_KINDS = ['post', 'reversal', 'adjustment'] as const;
export type PostingKind = (typeof POSTING_KINDS)[number];

/** Identity of one ledger line: UUIDv5(destination connection, entry, release number, leg, kind). */
export const postingKeyOf = (
  destination: ConnectionId,
  entryId: EntryId,
  releaseNo: number,
  leg: Leg,
  kind: PostingKind,
): PostingKey => derive('posting', destination, entryId, releaseNo, leg, kind);

/** Stable id of a case: one per reason, group and legal entity while open; `opening` counts re-openings. */
export const caseIdOf = (reason: string, groupKey: string, legalEntityId: string, opening: number): string =>
  derive('case', reason, groupKey, legalEntityId, opening);

/** A difference as it was seen: with another variance it is another. `content` in canonical text. */
export const differenceIdOf = (differenceKey: string, content: readonly string[]): string =>
  derive('difference', differenceKey, ...content);

/** Business rows carry this until the legal entity is resolved. */
export const UNASSIGNED = 'UNASSIGNED';
