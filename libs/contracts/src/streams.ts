import { DEAD_LETTERS, EVENT_TYPES, type EventType } from './subjects.js';

export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: readonly string[];
  /** 1: the stream keeps the last message per subject, so that read models rebuild by replay. */
  readonly lastPerSubject: boolean;
  readonly maxAgeDays: number;
}

/** Every stream. JetStream is transport: the outbox re-emits whatever a consumer lacks. */
export const STREAMS = [
  { name: 'MASTER', subjects: ['evt.master.>'], lastPerSubject: true, maxAgeDays: 0 },
  { name: 'TIME', subjects: ['evt.time.>'], lastPerSubject: false, maxAgeDays: 14 },
  { name: 'POSTING', subjects: ['evt.posting.>'], lastPerSubject: false, maxAgeDays: 14 },
  { name: 'PAYROLL', subjects: ['evt.payroll.>'], lastPerSubject: false, maxAgeDays: 14 },
  { name: 'ANALYTICS', subjects: ['evt.analytics.>'], lastPerSubject: false, maxAgeDays: 14 },
  { name: 'RECONCILIATION', subjects: ['evt.reconciliation.>'], lastPerSubject: false, maxAgeDays: 14 },
  { name: 'CONNECTION', subjects: ['evt.connection.>'], lastPerSubject: false, maxAgeDays: 14 },
  // The active policy bundle per environment, and overrides: every service takes them from here at its start.
  { name: 'GOVERNANCE', subjects: ['evt.governance.>'], lastPerSubject: true, maxAgeDays: 0 },
  { name: 'CONTROL', subjects: ['evt.control.>'], lastPerSubject: false, maxAgeDays: 14 },
  // How far each feed's ledger had come, kept outside its database.
  { name: 'MARKS', subjects: ['mark.>'], lastPerSubject: true, maxAgeDays: 0 },
  { name: 'DEAD_LETTERS', subjects: [DEAD_LETTERS], lastPerSubject: false, maxAgeDays: 90 },
] as const satisfies readonly StreamDeclaration[];

/**
 * Types of which only the newest per subject counts. Their bodies carry a `revision`, and none is ever put onto a newer one.
 */
export const KEEPS_LAST: Readonly<Partial<Record<EventType, StreamName>>> = {
  [EVENT_TYPES.masterChanged]: 'MASTER',
  [EVENT_TYPES.policyActivated]: 'GOVERNANCE',
  [EVENT_TYPES.overrideChanged]: 'GOVERNANCE',
};

export type StreamName = (typeof STREAMS)[number]['name'];
