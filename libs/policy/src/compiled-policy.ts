import type {
  Approval,
  ConnectionId,
  CurrencyCode,
  DecimalString,
  Feed,
  Instant,
  Leg,
  MasterKind,
  ReasonCode,
  TimeEntryContent,
} from '@tieout/model';

export type { Feed } from '@tieout/model';

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

/** What one feed may take of a destination's limits. */
export interface FeedBudget {
  /** Requests at the same time. */
  readonly slots: number;
  readonly perSecond?: number | undefined;
}

export type DispatchAnswer =
  /** No `until`: nothing planned that would close it. */
  | { readonly open: true; readonly until?: Instant | undefined }
  /** No `opensAt`: no opening within the next year. */
  | { readonly open: false; readonly why: string; readonly opensAt?: Instant | undefined };

/** By business consequence; see `lane`. */
export const LANES = ['pay-cut-off', 'close', 'billing', 'normal', 'analytics'] as const;
export type Lane = (typeof LANES)[number];

export interface LaneQuestion {
  readonly feed: Feed;
  readonly billable: boolean;
  /** Until the pay cut-off, or until the accounting period closes; absent: no deadline is known. */
  readonly hoursToDeadline?: number | undefined;
}

/** What stays apart where postings are summed into one line; leg, kind, accounts and pay code always do. */
export const SUMMARY_FIELDS = ['worker', 'project', 'task', 'cost-centre', 'work-date'] as const;
export type SummaryField = (typeof SUMMARY_FIELDS)[number];

export interface LegQuestion {
  readonly workerType: 'employee' | 'contractor';
  readonly workerLegalEntityId: string;
  /** Absent: the project names none. */
  readonly projectLegalEntityId?: string | undefined;
}

export interface AccrualRules {
  readonly missing: 'none' | 'accrue';
  readonly unapproved: 'none' | 'accrue';
  /** Missing time has no project: it is booked on this one. */
  missingProject(legalEntityId: string): string | undefined;
  /** Of a person on a working day. */
  expectedHoursPerDay(region?: string): DecimalString;
}

export interface PayrollRules {
  /** Time off that HR tells payroll itself; sent twice it would be paid twice. */
  excludedPayCodes(legalEntityId: string): readonly string[];
  /** What the preview of a pay run points out. `changePercent`: of a person's hours against the last run. */
  readonly alerts: { readonly changePercent: number; readonly zeroHours: boolean; readonly leavers: boolean };
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
  /** `allow-labour-cost`: booked where the person is employed, no more. `due-to-due-from`: and between the two legal entities. */
  readonly intercompany: 'hold' | 'allow-labour-cost' | 'due-to-due-from';
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
  /** Every destination of the legal entity's time, of all feeds. */
  routes(legalEntityId: string): readonly ConnectionId[];
  /** Those of one feed. Without one for `posting`, time is held. */
  feedRoutes(feed: Feed, legalEntityId: string): readonly ConnectionId[];
  /** A legal entity moved to another destination: where a correction of what stands in the old one goes. */
  readonly afterMove: 'reverse-in-old' | 'adjust-in-new';
  /** The feed's fixed share of what the connection allows; undefined: the bundle sets no limit, the connector's own holds. */
  budget(connection: ConnectionId, feed: Feed): FeedBudget | undefined;
  /** Dispatch windows, change windows and freezes. `legalEntityId`: freezes of one legal entity count only where it is given. */
  mayDispatch(connection: ConnectionId, feed: Feed, at: Instant, legalEntityId?: string): DispatchAnswer;
  lane(question: LaneQuestion): Lane;
  /** For how long a line of this lane lets others pass: it ranks as if it were made so much later. */
  patienceSeconds(lane: Lane): number;
  /** So long before its deadline, at the latest, a line of this lane is due. */
  leadSeconds(lane: Lane): number;
  summarise(destination: ConnectionId, leg: Leg, legalEntityId: string): 'lines' | readonly SummaryField[];
  /** What an hour becomes in an ERP's ledger. The pair between two legal entities is added where `validation.intercompany` says so. */
  legs(question: LegQuestion): readonly Leg[];
  readonly accruals: AccrualRules;
  readonly payroll: PayrollRules;
  /** undefined: nothing is adopted there. */
  adoption(connection: ConnectionId): AdoptionRules | undefined;
  owner(reason: ReasonCode, legalEntityId: string): { readonly team: string };
  severity(question: SeverityQuestion): Severity;
  dueAt(severity: Severity, openedAt: Instant): Instant;
}
