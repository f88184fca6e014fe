export type PeriodState = 'open' | 'closing' | 'closed';
export interface ErpPeriod {
  readonly company: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly state: PeriodState;
}

/** One of several bookings that a line sums. */
export interface ErpMember {
  readonly lineRef: string;
  readonly entry: string;
  readonly release: number;
  readonly quantity: string;
  readonly value: string;
}
/** The ERP's own words; quantities and values are decimal texts. From `entry` on: custom fields, kept as they come. */
export interface ErpLine {
  readonly lineRef: string;
  readonly account: string;
  readonly offsetAccount: string;
  readonly employee: string;
  readonly project: string;
  readonly task?: string;
  readonly costCenter?: string;
  readonly serviceDate: string;
  readonly quantity: string;
  readonly value: string;
  readonly text?: string;
  readonly entry?: string;
  readonly release?: number;
  readonly leg?: string;
  readonly kind?: string;
  readonly reverses?: string;
  readonly counterparty?: string;
  readonly members?: readonly ErpMember[];
}
export interface NewJournal {
  readonly reference: string;
  readonly company: string;
  readonly period: string;
  readonly journalDate: string;
  readonly currency: string;
  readonly lines: readonly ErpLine[];
}
export interface ErpJournal extends NewJournal {
  readonly journalNo: string;
  /** Of a draft: when it was made. */
  readonly postedAt: string;
}

export interface LineProblem {
  readonly lineRef: string;
  readonly field: string;
  readonly message: string;
}
export interface VendorProblem {
  readonly code: string;
  readonly message: string;
  readonly lines?: readonly LineProblem[];
}
/** A document that was taken for later. */
export interface Ticket {
  readonly ticket: string;
  readonly journal: NewJournal;
  readonly state: 'queued' | 'booked' | 'refused';
  readonly journalNo?: string;
  readonly refused?: readonly LineProblem[];
  readonly error?: VendorProblem;
}

export const DIMENSIONS = ['accounts', 'employees', 'projects'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
