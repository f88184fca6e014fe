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

/** The reason codes under which the outage of a connection is told. */
export type OutageReason = 'CONNECTION_UNAVAILABLE' | 'CREDENTIALS_REJECTED' | 'CONTRACT_BROKEN';

const OUTAGE_REASONS: Readonly<Record<FaultKind, OutageReason | undefined>> = {
  Unavailable: 'CONNECTION_UNAVAILABLE',
  OutcomeUnknown: 'CONNECTION_UNAVAILABLE',
  CredentialsRejected: 'CREDENTIALS_REJECTED',
  ContractBroken: 'CONTRACT_BROKEN',
  // Being asked to wait is no outage.
  RateLimited: undefined,
};

/** What a fault says of its connection; undefined when it is no outage. */
export const outageReasonOf = (kind: FaultKind): OutageReason | undefined => OUTAGE_REASONS[kind];
