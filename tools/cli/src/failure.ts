import { EXIT, type ExitCode } from './exit-codes.js';

/** Ends a command: what is wrong, where, and what to do. Never a stack, a token or a secret. */
export class Failure extends Error {
  constructor(
    readonly exitCode: ExitCode,
    /** Stable, kebab-case: what programs decide on. */
    readonly code: string,
    message: string,
    readonly whatToDo?: string,
    readonly errors: readonly { readonly where: string; readonly why: string }[] = [],
    readonly traceId?: string,
  ) {
    super(message);
    this.name = 'Failure';
  }
}

export const wrongUse = (message: string, whatToDo?: string): Failure => new Failure(EXIT.usage, 'wrong-use', message, whatToDo);

export const failureText = ({ message, whatToDo, errors, traceId }: Failure): string =>
  [
    `error: ${message}`,
    ...errors.map(({ where, why }) => `  ${where}: ${why}`),
    ...(whatToDo === undefined ? [] : [`try:   ${whatToDo}`]),
    ...(traceId === undefined ? [] : [`trace: ${traceId}`]),
  ].join('\n');

export const failureJson = ({ exitCode, code, message, whatToDo, errors, traceId }: Failure): object => ({
  error: {
    code,
    message,
    ...(whatToDo && { whatToDo }),
    ...(errors.length > 0 && { errors }),
    ...(traceId && { traceId }),
    exitCode,
  },
});
