import { Fault } from '@tieout/model';

const codeOf = (error: unknown): string => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
};
const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code);

const CREDENTIALS = /^(28...|3D000|42501)$/;
/** Server away or shutting down, out of room, read-only after a fail-over, a conflict, or a statement that ran into its limit. */
const UNAVAILABLE = /^(08...|40...|53...|55P03|57...|58...|25P0[23]|25006|XX000)$/;
const MISSING = /^(42P01|3F000)$/;
const NETWORK = /^E[A-Z_]+$/;
/** The driver's own messages carry no code. */
const LOST = /Connection terminated|connection error|timeout|not queryable|closed the connection/i;

/** The tables are gone: somebody emptied the warehouse for a rebuild. */
export const isMissingSchema = (error: unknown): boolean => MISSING.test(codeOf(error));

/** The warehouse refuses the content itself. */
export const isRefusedContent = (error: unknown): boolean => /^(22|23)...$/.test(codeOf(error));

/** The server answered: what it says of a commit is what became of it. */
export const isServerAnswer = (error: unknown): boolean => isSqlState(codeOf(error));

/** Of a failure before the commit, so nothing stands. What is no failure of the database stays what it is. */
export const toFault = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof Fault || isRefusedContent(error)) return error;
  const code = codeOf(error);
  const message = `PostgreSQL: ${error.message || code}`;
  if (CREDENTIALS.test(code)) return new Fault('CredentialsRejected', message, { cause: error });
  if (isSqlState(code) ? UNAVAILABLE.test(code) || MISSING.test(code) : NETWORK.test(code) || LOST.test(error.message))
    return new Fault('Unavailable', message, { cause: error });
  return isSqlState(code) ? new Fault('ContractBroken', message, { cause: error }) : error;
};
