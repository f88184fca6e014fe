import type { ReasonCode } from './reason-codes.js';

/** An expected no: a value, never thrown. It becomes a case. */
export interface Refusal {
  readonly reason: ReasonCode;
  /** What exactly, for a person: "project OLD-7 ended on 2026-10-31, grace 5 days". No names or e-mail addresses. */
  readonly detail: string;
  /** What the case groups by: "project:OLD-7", "worker:E1001", "period:DE01:2026-10". */
  readonly subject: string;
}

export const refusal = (reason: ReasonCode, subject: string, detail: string): Refusal => ({ reason, subject, detail });
