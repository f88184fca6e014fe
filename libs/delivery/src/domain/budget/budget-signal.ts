import { Fault, isFault, type OutageReason } from '@tieout/model';

/** What the end of a request says about its connection. */
export type BudgetSignal =
  | { readonly kind: 'healthy' }
  /** It never left. */
  | { readonly kind: 'not-started' }
  | { readonly kind: 'throttled'; readonly retryAfterMs?: number | undefined }
  | {
      readonly kind: 'failed';
      readonly reason: OutageReason;
      readonly message: string;
      readonly grave: boolean;
      /** It may as well be throttling in disguise: fewer at a time. */
      readonly throttle: boolean;
      readonly retryAfterMs?: number | undefined;
    };

const NOT_STARTED = 'budget';
/** Credentials that worked so recently were not revoked: some systems throttle with a 401. */
const WORKED_RECENTLY_MS = 10_000;

/** The request was not made, by our own decision: nothing was executed, and the destination has nothing to do with it. */
export const notStarted = (why: string): Fault => new Fault('Unavailable', `${NOT_STARTED}: ${why}`, { cause: NOT_STARTED });

export const isNotStarted = (error: unknown): boolean => isFault(error, 'Unavailable') && error.cause === NOT_STARTED;

/** `workedMs`: milliseconds since the last healthy answer. */
export const signalOf = (error: unknown, workedMs: number): BudgetSignal => {
  if (isNotStarted(error)) return { kind: 'not-started' };
  if (!(error instanceof Fault)) return { kind: 'healthy' };
  const { message, retryAfterMs } = error;
  switch (error.kind) {
    case 'RateLimited':
      return { kind: 'throttled', retryAfterMs };
    case 'Unavailable':
      return failed('CONNECTION_UNAVAILABLE', { message, retryAfterMs, grave: false, throttle: retryAfterMs !== undefined });
    case 'OutcomeUnknown':
      return failed('CONNECTION_UNAVAILABLE', { message, retryAfterMs, grave: false, throttle: false });
    case 'CredentialsRejected': {
      const disguised = workedMs < WORKED_RECENTLY_MS;
      return failed('CREDENTIALS_REJECTED', { message, retryAfterMs, grave: !disguised, throttle: disguised });
    }
    // It answered; that we cannot read the answer is one document's matter.
    case 'ContractBroken':
      return { kind: 'healthy' };
  }
};

type Failure = Extract<BudgetSignal, { kind: 'failed' }>;
const failed = (reason: OutageReason, rest: Omit<Failure, 'kind' | 'reason'>): Failure => ({ kind: 'failed', reason, ...rest });
