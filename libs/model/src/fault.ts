/** The world failed. The closed list; one table in libs/messaging says ack, delay or dead letter for each. */
export const FAULT_KINDS = ['RateLimited', 'Unavailable', 'CredentialsRejected', 'ContractBroken', 'OutcomeUnknown'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export class Fault extends Error {
  constructor(
    readonly kind: FaultKind,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
  /** From Retry-After, when the system said so. */
  readonly retryAfterMs?: number | undefined;
}

export const isFault = (error: unknown, kind?: FaultKind): error is Fault =>
  error instanceof Fault && (kind === undefined || error.kind === kind);
