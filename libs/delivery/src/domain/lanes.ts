/** What decides in which order lines go. Instants are milliseconds since the epoch, durations milliseconds. */
export interface Urgent {
  readonly createdMs: number;
  /** For how long a line of its lane lets others pass. */
  readonly patienceMs: number;
  /** The pay cut-off, the period's close. */
  readonly deadlineMs?: number | undefined;
  /** So long before its deadline, at the latest, it is due. */
  readonly leadMs: number;
}

/**
 * The smaller goes first, and it never changes: while time goes on, what comes later ranks later. That is the ageing. Nothing that was
 * created after a line's rank plus the longest lead can go before it, so no line waits for ever; and a line close to its deadline ranks
 * as if it had been waiting for its whole lead, before any backlog younger than that.
 */
export const rankOf = ({ createdMs, patienceMs, deadlineMs, leadMs }: Urgent): number => {
  const patient = createdMs + patienceMs;
  // A deadline that has passed makes nothing more urgent than one that passes now: late lines would starve the others.
  return deadlineMs === undefined ? patient : Math.min(patient, Math.max(deadlineMs, createdMs) - leadMs);
};
