import { isFault, type FaultKind } from '@tieout/model';
import { backOffMs } from './back-off.js';

/** How a handler ended. */
export type Ending = 'done' | FaultKind | 'bug';

export type Outcome =
  | { readonly action: 'ack' }
  /** `blames` world: every message would end so now, so the consumer waits too; message: only this one is set aside. */
  | {
      readonly action: 'retry';
      readonly blames: 'world' | 'message';
      readonly firstMs: number;
      readonly maxMs: number;
      readonly tries: number;
    }
  | { readonly action: 'dead-letter' };

/** The one table: what becomes of a message. */
export const OUTCOMES: Readonly<Record<Ending, Outcome>> = {
  done: { action: 'ack' },
  RateLimited: { action: 'retry', blames: 'world', firstMs: 500, maxMs: 30_000, tries: Infinity },
  Unavailable: { action: 'retry', blames: 'world', firstMs: 200, maxMs: 10_000, tries: Infinity },
  // A secret is re-read when it changes; asking often with a wrong one locks accounts.
  CredentialsRejected: { action: 'retry', blames: 'world', firstMs: 10_000, maxMs: 60_000, tries: Infinity },
  ContractBroken: { action: 'dead-letter' },
  // Never tried again blind: a person, or the service's own protocol, finds out first.
  OutcomeUnknown: { action: 'dead-letter' },
  bug: { action: 'retry', blames: 'message', firstMs: 200, maxMs: 5_000, tries: 5 },
};

export const endingOf = (error: unknown): Ending => (isFault(error) ? error.kind : 'bug');

export type Decision =
  | { readonly action: 'ack' }
  | { readonly action: 'retry'; readonly delayMs: number; readonly blames: 'world' | 'message' }
  | { readonly action: 'dead-letter' };

/** @param failures how often this message (or, where the world is to blame, the consumer in a row) has failed, this time included */
export function decide(error: unknown, failures: number, random = Math.random): Decision {
  const outcome = OUTCOMES[endingOf(error)];
  if (outcome.action !== 'retry') return outcome;
  if (failures >= outcome.tries) return { action: 'dead-letter' };
  const asked = isFault(error) ? (error.retryAfterMs ?? 0) : 0;
  return { action: 'retry', blames: outcome.blames, delayMs: Math.max(asked, backOffMs(failures - 1, outcome, random)) };
}
