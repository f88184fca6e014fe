import type { ConnectionId, DecimalString, MasterKind } from '@tieout/model';

export const CONNECTION_ROLES = ['time', 'master-data', 'posting', 'payroll', 'analytics', 'control', 'project'] as const;
export type ConnectionRole = (typeof CONNECTION_ROLES)[number];

export interface ConnectionDeclaration {
  readonly id: ConnectionId;
  /** Name of the connector. */
  readonly system: string;
  readonly roles: readonly ConnectionRole[];
  /** Values may be references: env:NAME or file:/path. */
  readonly settings: Readonly<Record<string, string>>;
  /** Names of the settings that hold secrets; their values are always references. */
  readonly secrets: readonly string[];
  readonly pollEverySeconds: number;
  /** How often the keys of the window are listed, to find deletions. */
  readonly sweepEverySeconds: number;
  /** True: whatever stands in the destination's journal without our reference is a difference. */
  readonly journalOursAlone: boolean;
  /** Kinds of master data read from here. Absent: all that the connector offers. */
  readonly kinds?: readonly MasterKind[];
  /** How far back time is swept and reconciled. */
  readonly windowDays: number;
  /** More objects than both of these gone at once is taken for a broken answer, not for deletions. */
  readonly massDeletionLimit: { readonly share: number; readonly count: number };
}

/** What one feed may take of a destination's limits. */
export interface FeedBudget {
  /** Requests at the same time. */
  readonly slots: number;
  readonly perSecond?: number | undefined;
}

/** Fields of a booked line by which a predecessor's line and ours are the same. */
export const ADOPTION_FIELDS = [
  'workerCode',
  'projectCode',
  'taskCode',
  'costCentre',
  'workDate',
  'account',
  'balancingAccount',
  'payCode',
] as const;
export interface AdoptionRules {
  readonly matchBy: readonly (typeof ADOPTION_FIELDS)[number][];
  /** Largest difference that is still the same line. */
  readonly toleranceHours: DecimalString;
  readonly toleranceAmount: DecimalString;
}
