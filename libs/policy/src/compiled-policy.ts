import type {
  Approval,
  ConnectionId,
  CurrencyCode,
  DecimalString,
  Instant,
  Leg,
  MasterKind,
  ReasonCode,
  TimeEntryContent,
} from '@tieout/model';

/** One mistake in a bundle. Line and column count from 1. */
export interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

export const CONNECTION_ROLES = ['time', 'master-data', 'posting', 'payroll', 'analytics', 'control'] as const;
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

export type MappedTime =
  | { readonly ok: true; readonly content: TimeEntryContent; readonly approval: Approval | undefined }
  | { readonly ok: false; readonly where: string; readonly why: string };

export interface ValidationRules {
  readonly hoursPerEntry: { readonly min: DecimalString; readonly max: DecimalString };
  dailyLimitHours(region?: string): DecimalString;
  readonly selfApproval: 'barred' | 'allowed';
  approvers(legalEntityId: string): 'anyone' | { readonly codes: readonly string[] };
  projectGraceDays(region?: string): number;
  /** ISO 8601 duration: how long an unknown key may be on its way before the entry is held. */
  readonly unknownKeyGrace: string;
  readonly intercompany: 'hold' | 'allow-labour-cost';
  readonly requireTask: boolean;
  readonly requirePayCode: boolean;
  readonly overlap: 'hold' | 'ignore';
}

export interface CalendarRules {
  readonly lateOriginals: 'hold' | 'first-open-period';
  readonly lateCorrections: 'hold' | 'first-open-period';
  readonly closingTakes: readonly ('correction' | 'late-approval')[];
}

export interface RateRules {
  readonly costRateDate: 'work-date';
  readonly billRateDate: 'work-date';
  readonly amountCurrency: 'legal-entity' | 'rate';
}

export const SEVERITIES = ['critical', 'high', 'normal', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface AccountQuestion {
  readonly legalEntityId: string;
  readonly leg: Leg;
  readonly workerType: string;
  readonly billable: boolean;
}
export interface AccountAnswer {
  readonly account: string;
  readonly balancingAccount: string;
}

export interface SeverityQuestion {
  readonly reason: ReasonCode;
  readonly hours: DecimalString;
  readonly amount?: DecimalString;
  readonly currency?: CurrencyCode;
  readonly hoursToCutOff?: number;
}

/** A bundle turned into pure functions: same question, same answer, for as long as the digest is the same. */
export interface CompiledPolicy {
  /** SHA-256 over the canonical content; comments, order of keys and layout do not count. */
  readonly digest: string;
  readonly connections: readonly ConnectionDeclaration[];
  /** The attribute 'code' names who may create the object. */
  systemOfRecord(kind: MasterKind, attribute: string, legalEntityId?: string): ConnectionId | undefined;
  mapTime(connection: ConnectionId, fields: Readonly<Record<string, string>>): MappedTime;
  readonly validation: ValidationRules;
  readonly calendar: CalendarRules;
  readonly rates: RateRules;
  account(question: AccountQuestion): AccountAnswer | undefined;
  routes(legalEntityId: string): readonly ConnectionId[];
  owner(reason: ReasonCode, legalEntityId: string): { readonly team: string };
  severity(question: SeverityQuestion): Severity;
  dueAt(severity: Severity, openedAt: Instant): Instant;
}
