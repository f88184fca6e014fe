import type {
  BookedDocument,
  FoundDocument,
  PostingLine,
  PostingProtocol,
  PostOutcome,
  RejectedLine,
} from '@tieout/connector-kit';
import { isFault, sameDecimal, type PostingKey } from '@tieout/model';
import { postingKeysOf, type FrozenDocument } from './freeze.js';

/** What a request to the destination came to. */
export type SendOutcome =
  | PostOutcome
  /** A promise that nothing was executed. */
  | { readonly kind: 'not-executed'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

export type Consequence =
  | {
      readonly kind: 'posted';
      readonly externalId: string;
      readonly accepted: readonly PostingKey[];
      readonly refused: readonly RejectedLine[];
    }
  | {
      readonly kind: 'rejected';
      readonly message: string;
      readonly refused: readonly RejectedLine[];
      /** Good lines of a bad document: pending again. */
      readonly freed: readonly PostingKey[];
      /** No line was named: send the halves. */
      readonly bisect: boolean;
      readonly closedPeriod?: string | undefined;
    }
  | { readonly kind: 'queued'; readonly ticket: string }
  | { readonly kind: 'returned'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/** What follows for the document and each of its lines. */
export const consequenceOf = (document: Pick<FrozenDocument, 'lines' | 'postingPeriod'>, outcome: SendOutcome): Consequence => {
  const keys = document.lines.flatMap(postingKeysOf);
  if (outcome.kind === 'accepted') return { kind: 'queued', ticket: outcome.ticket };
  if (outcome.kind === 'not-executed') return { kind: 'returned', message: outcome.message };
  if (outcome.kind === 'unknown') return outcome;
  if (outcome.kind === 'posted') {
    const refused = ours(document.lines, outcome.refused ?? []);
    const bad = new Set(refused.map((line) => line.postingKey));
    const accepted = keys.filter((key) => !bad.has(key));
    if (accepted.length === 0)
      return { kind: 'rejected', message: 'the destination refused every line', refused, freed: [], bisect: false };
    return { kind: 'posted', externalId: outcome.externalId, accepted, refused };
  }
  const { message } = outcome;
  if (outcome.cause === 'period-closed')
    return { kind: 'rejected', message, refused: [], freed: keys, bisect: false, closedPeriod: document.postingPeriod };
  const named = ours(document.lines, outcome.lines);
  if (named.length > 0) {
    const bad = new Set(named.map((line) => line.postingKey));
    return { kind: 'rejected', message, refused: named, freed: keys.filter((key) => !bad.has(key)), bisect: false };
  }
  if (keys.length > 1) return { kind: 'rejected', message, refused: [], freed: keys, bisect: true };
  return { kind: 'rejected', message, refused: keys.map((postingKey) => ({ postingKey, message })), freed: [], bisect: false };
};

/** Postings behind the lines that the destination named; a line that we did not send is none. */
const ours = (sent: readonly PostingLine[], named: readonly RejectedLine[]): RejectedLine[] => {
  const mine = new Map(sent.map((line) => [line.postingKey, postingKeysOf(line)]));
  const messages = new Map(named.map((line) => [line.postingKey, line.message]));
  return [...messages].flatMap(([key, message]) => (mine.get(key) ?? []).map((postingKey) => ({ postingKey, message })));
};

/** A thrown error as an outcome. Only these faults promise that nothing was executed; anything else may have booked. */
export const outcomeOfError = (error: unknown): SendOutcome => {
  const message = error instanceof Error ? error.message : String(error);
  if (isFault(error, 'Unavailable') || isFault(error, 'RateLimited') || isFault(error, 'CredentialsRejected'))
    return { kind: 'not-executed', message };
  return { kind: 'unknown', message };
};

export type LookUpVerdict =
  | { readonly kind: 'adopt'; readonly externalId: string; readonly surplusDrafts: readonly string[] }
  | { readonly kind: 'post-draft'; readonly draftId: string; readonly surplusDrafts: readonly string[] }
  | { readonly kind: 'resend' }
  | { readonly kind: 'duplicate'; readonly externalIds: readonly string[] }
  /** Not there, and it is too early for that to mean anything. */
  | { readonly kind: 'wait' };

/**
 * What a look-up by reference tells. Presence counts at once, absence only after the request's deadline and the settle time.
 * Drafts book nothing: several of them are rubbish to discard, several posted ones are a duplicate for a person.
 */
export const lookUpVerdict = (
  found: readonly FoundDocument[],
  known: { readonly protocol: PostingProtocol; readonly draftId: string | undefined; readonly absenceCounts: boolean },
): LookUpVerdict => {
  const posted = found.filter((document) => document.state === 'posted').map((document) => document.externalId);
  const drafts = found.filter((document) => document.state === 'draft').map((document) => document.externalId);
  if (posted.length > 1) return { kind: 'duplicate', externalIds: posted };
  if (posted.length === 1) return { kind: 'adopt', externalId: posted[0]!, surplusDrafts: drafts };
  if (!known.absenceCounts) return { kind: 'wait' };
  if (drafts.length === 0) return { kind: 'resend' };
  // A destination without drafts that shows one is still working on it.
  if (known.protocol !== 'draft-then-post') return { kind: 'wait' };
  const draftId = known.draftId !== undefined && drafts.includes(known.draftId) ? known.draftId : [...drafts].sort()[0]!;
  return { kind: 'post-draft', draftId, surplusDrafts: drafts.filter((draft) => draft !== draftId) };
};

/** Compares what stands with what we sent. @returns what differs, for a person; undefined when all agrees. */
export const differenceOf = (
  sent: {
    readonly postingPeriod: string;
    readonly lines: readonly { readonly postingKey: PostingKey; readonly hours: string; readonly amount: string }[];
  },
  booked: BookedDocument,
): string | undefined => {
  if (booked.state !== 'posted') return 'it is still a draft';
  if (booked.postingPeriod !== sent.postingPeriod)
    return `it stands in period ${booked.postingPeriod}, sent for ${sent.postingPeriod}`;
  if (booked.lines.length !== sent.lines.length) return `it has ${booked.lines.length} lines, sent were ${sent.lines.length}`;
  const byKey = new Map(booked.lines.map((line) => [line.postingKey, line]));
  for (const line of sent.lines) {
    const there = byKey.get(line.postingKey);
    if (there === undefined) return `line ${line.postingKey} is missing`;
    if (!sameDecimal(there.hours, line.hours)) return `line ${line.postingKey} has ${there.hours} hours, sent were ${line.hours}`;
    if (!sameDecimal(there.amount, line.amount))
      return `line ${line.postingKey} has the amount ${there.amount}, sent was ${line.amount}`;
  }
  return undefined;
};

/** Doubles from `firstMs` to `maxMs`. */
export const backOffMs = (failures: number, firstMs: number, maxMs: number): number =>
  Math.min(maxMs, firstMs * 2 ** Math.min(20, Math.max(0, failures - 1)));
