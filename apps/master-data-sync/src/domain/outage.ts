import type { Instant, OutageReason } from '@tieout/model';

/** Whether a connection works, as last seen. */
export type ConnectionState =
  | { readonly state: 'up' }
  | { readonly state: 'faulted'; readonly reason: OutageReason; readonly message: string; readonly since: Instant };

export type Seen =
  { readonly kind: 'worked' } | { readonly kind: 'failed'; readonly reason: OutageReason; readonly message: string };

export interface OutageStep {
  readonly state: ConnectionState;
  /** What to tell the others: each outage once, not each failed try. */
  readonly tell: 'raised' | 'cleared' | undefined;
}

export const stepOutage = (before: ConnectionState, seen: Seen, now: Instant): OutageStep => {
  if (seen.kind === 'worked')
    return before.state === 'up' ? { state: before, tell: undefined } : { state: { state: 'up' }, tell: 'cleared' };
  const { reason, message } = seen;
  // Another reason is another outage: other people have to act.
  if (before.state === 'faulted' && before.reason === reason) return { state: { ...before, message }, tell: undefined };
  return { state: { state: 'faulted', reason, message, since: now }, tell: 'raised' };
};
