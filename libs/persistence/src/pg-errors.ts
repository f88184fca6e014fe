import { Fault, isFault } from '@tieout/model';

interface DriverError {
  readonly code?: string;
  readonly message: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly driverError?: DriverError;
}

/** PostgreSQL refused the statement: our bug, or a constraint that the caller knows. Holds no parameters, so logging it leaks none. */
export class SqlError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly constraint: string | undefined,
    readonly table: string | undefined,
    cause: unknown,
  ) {
    super(message, { cause });
    this.name = 'SqlError';
  }
}

const RETRY_AT_ONCE = new Set(['40001', '40P01']);
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
/** Server away, shutting down, out of room, read-only after a fail-over, or a statement that ran into its time limit. */
const UNAVAILABLE = /^(08...|57P0[1-5]|57014|53...|58...|25P03|25006|55P03|XX000)$/;
const CREDENTIALS = /^(28...|3D000)$/;
/** The driver's own messages carry no code. */
const LOST =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|Connection is not established|not queryable|terminating connection/i;

const driverErrorOf = (error: unknown): DriverError => {
  const outer = error as DriverError;
  return outer.driverError ?? outer;
};

/** A conflict with another transaction: the whole transaction may be tried again. */
export const isSerialisationConflict = (error: unknown): boolean => RETRY_AT_ONCE.has(driverErrorOf(error).code ?? '');

export const isUniqueViolation = (error: unknown, constraint?: string): boolean =>
  error instanceof SqlError && error.code === '23505' && (constraint === undefined || error.constraint === constraint);

/** Whatever the driver threw, as a Fault (the database failed) or an SqlError (the statement was wrong). Anything else stays. */
export const toFault = (error: unknown): unknown => {
  if (!(error instanceof Error) || isFault(error) || error instanceof SqlError) return error;
  const { code = '', message, constraint, table } = driverErrorOf(error);
  if (CREDENTIALS.test(code)) return new Fault('CredentialsRejected', `PostgreSQL: ${message}`, { cause: code });
  if (NETWORK.has(code) || RETRY_AT_ONCE.has(code) || UNAVAILABLE.test(code) || (!code && LOST.test(message)))
    return new Fault('Unavailable', `PostgreSQL: ${message || code}`, { cause: code || message });
  if (/^[0-9A-Z]{5}$/.test(code)) return new SqlError(code, message, constraint, table, error.stack);
  return error;
};
