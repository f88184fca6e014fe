import { Fault } from '@tieout/model';

/** Tryton understood the request and said no: HTTP 200 with `{"error": [kind, [message, description, ...]]}`. Nothing was executed. */
export class TrytonRefusal extends Error {
  constructor(
    /** `UserError`, `UserWarning`, or `internal` for an error of Tryton's own code. */
    readonly kind: string,
    message: string,
  ) {
    super(message);
    this.name = 'TrytonRefusal';
  }
}

/** Then PostgreSQL may have committed before the connection between the two broke. */
const DATABASE_LOST =
  /OperationalError|InterfaceError|server closed the connection|connection (already )?closed|terminating connection/i;

const text = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.filter((part) => typeof part === 'string' && part !== '').join(': ')
      : '';

/** What the `error` of an answer means. */
export const errorOf = (error: unknown, method: string, effect: 'read' | 'write'): Error => {
  const [first, second] = Array.isArray(error) ? (error as unknown[]) : [error, undefined];
  const kind = text(first);
  switch (kind) {
    case 'UserError':
    case 'UserWarning':
      return new TrytonRefusal(kind, text(second).trim() || kind);
    case 'ConcurrencyException':
      // The transaction was rolled back.
      return new Fault('Unavailable', `${method}: changed by somebody else at the same moment; safe to try again`);
    case 'LoginException':
      return new Fault('CredentialsRejected', `${method}: ${text(second) || 'login refused'}`);
    case 'RateLimitException':
      return new Fault('RateLimited', `${method}: too many requests`);
  }
  if (DATABASE_LOST.test(`${kind} ${text(second)}`))
    return new Fault(effect === 'write' ? 'OutcomeUnknown' : 'Unavailable', `${method}: Tryton lost its database`);
  // The second part is a traceback: not for a message that people read.
  return effect === 'write'
    ? new TrytonRefusal('internal', kind || 'an error without a message')
    : new Fault('ContractBroken', `${method}: ${kind || 'an error without a message'}`);
};
