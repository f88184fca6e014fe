import type { Instant, OutageReason } from '@tieout/model';

/** Whether a connection works, as last seen. */
export type ConnectionState =
  /** `failures`: how often in a row it was not there, which is no outage yet. */
  | { readonly state: 'up'; readonly failures: number }
  | { readonly state: 'faulted'; readonly reason: OutageReason; readonly message: string; readonly since: Instant };

export type Seen =
  { readonly kind: 'worked' } | { readonly kind: 'failed'; readonly reason: OutageReason; readonly message: string };

export interface OutageStep {
  readonly state: ConnectionState;
  /** What to tell the others: each outage once, not each failed try. */
  readonly tell: 'raised' | 'cleared' | undefined;
}

/**
 * So many polls in a row that get no answer are an outage; once is a restart or a lost packet. A key that is refused, or an answer that
 * nobody can read, is one at once: the next poll will not fare better.
 */
export const FAILURES = 3;

export const stepOutage = (before: ConnectionState, seen: Seen, now: Instant): OutageStep => {
  if (seen.kind === 'worked') return { state: { state: 'up', failures: 0 }, tell: before.state === 'up' ? undefined : 'cleared' };
  const { reason, message } = seen;
  if (before.state === 'up' && reason === 'CONNECTION_UNAVAILABLE' && before.failures + 1 < FAILURES)
    return { state: { state: 'up', failures: before.failures + 1 }, tell: undefined };
  // Another reason is another outage: other people have to act.
  if (before.state === 'faulted' && before.reason === reason) return { state: { ...before, message }, tell: undefined };
  return { state: { state: 'faulted', reason, message, since: now }, tell: 'raised' };
};
