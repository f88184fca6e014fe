import type { ConnectionId } from './ids.js';
import type { LocalDateTime, WorkDate } from './times.js';

/** The kinds of canonical master data. */
export const MASTER_KINDS = [
  'worker',
  'legal-entity',
  'cost-centre',
  'client',
  'project',
  'task',
  'assignment',
  'cost-rate',
  'bill-rate',
  'exchange-rate',
  'accounting-period',
  'pay-group',
  'pay-period',
  'pay-code',
  'approver-right',
  'billing-milestone',
  'opportunity',
] as const;
export type MasterKind = (typeof MASTER_KINDS)[number];

/**
 * Attributes by kind. All values are strings, so that they compare and hash the same everywhere: dates "2026-11-23",
 * decimals "85.00", booleans "true"/"false". Absent means unknown. `code` is the firm's natural key.
 */
export interface MasterAttributes {
  worker: {
    code: string;
    legalEntity?: string;
    costCentre?: string;
    type?: 'employee' | 'contractor';
    timeZone?: string;
    region?: string;
    activeFrom?: WorkDate;
    activeTo?: WorkDate;
    userName?: string;
    payGroup?: string;
    /** HR's own key of the human being: the same in two records of one person. */
    person?: string;
  };
  'legal-entity': { code: string; name?: string; currency?: string; timeZone?: string; region?: string };
  'cost-centre': { code: string; name?: string; legalEntity?: string; activeTo?: WorkDate };
  client: { code: string; name?: string };
  project: {
    code: string;
    name?: string;
    legalEntity?: string;
    client?: string;
    billable?: string;
    assignedOnly?: string;
    activeFrom?: WorkDate;
    activeTo?: WorkDate;
    budgetHours?: string;
    /** In the currency of the project's legal entity. */
    budgetAmount?: string;
    /** How the firm recognises its revenue, in its own words: "time-and-material", "percent-of-completion". */
    revenueMethod?: string;
  };
  task: { code: string; project?: string; name?: string; activeTo?: WorkDate };
  assignment: { code: string; project?: string; worker?: string; activeFrom?: WorkDate; activeTo?: WorkDate };
  'cost-rate': { code: string; worker?: string; amount?: string; currency?: string };
  'bill-rate': { code: string; project?: string; worker?: string; amount?: string; currency?: string };
  'exchange-rate': { code: string; from?: string; to?: string; rate?: string };
  'accounting-period': {
    code: string;
    legalEntity?: string;
    startDate?: WorkDate;
    endDate?: WorkDate;
    state?: 'open' | 'closing' | 'closed';
  };
  /** Who is paid together: cut-offs are told in its time zone. */
  'pay-group': { code: string; name?: string; legalEntity?: string; timeZone?: string };
  'pay-period': {
    code: string;
    payGroup?: string;
    startDate?: WorkDate;
    endDate?: WorkDate;
    /** Until when time counts for this run; see `localInstant`. */
    cutOff?: LocalDateTime;
    payDate?: string;
    state?: 'open' | 'closed';
  };
  /** `timeOff` "true": absence, which some firms' HR tells payroll itself. */
  'pay-code': { code: string; name?: string; timeOff?: string };
  /** Who may approve whose time: of a legal entity, a project or one worker. `code` from `approverRightCode`. */
  'approver-right': {
    code: string;
    approver?: string;
    scope?: 'legal-entity' | 'project' | 'worker';
    scopeCode?: string;
    activeFrom?: WorkDate;
    activeTo?: WorkDate;
  };
  /** A project event that makes an amount billable. `code` from `milestoneCode`. */
  'billing-milestone': {
    code: string;
    project?: string;
    name?: string;
    amount?: string;
    currency?: string;
    dueOn?: WorkDate;
    reachedOn?: WorkDate;
    state?: 'planned' | 'reached' | 'invoiced';
  };
  /** A chance of business in the CRM; won, it becomes a project in PSA and ERP. */
  opportunity: {
    code: string;
    name?: string;
    client?: string;
    legalEntity?: string;
    stage?: 'open' | 'won' | 'lost';
    wonOn?: WorkDate;
    /** Code that the project shall have. */
    projectCode?: string;
    billable?: string;
    revenueMethod?: string;
    budgetHours?: string;
    budgetAmount?: string;
    currency?: string;
    startDate?: WorkDate;
    endDate?: WorkDate;
    projectManager?: string;
  };
}

/** One piece of an object's history; half-open: valid from `validFrom` until the next segment begins. */
export interface TimelineSegment {
  readonly validFrom: WorkDate;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface CrossReference {
  readonly connection: ConnectionId;
  readonly externalId: string;
}

/** A code that an object had before it got the one it has. */
export interface FormerCode {
  readonly code: string;
  /** The last day on which it was the object's code. */
  readonly until: WorkDate;
}

/** A person said that an object is another one under a second code; undone, this is gone again. */
export interface MergedInto {
  readonly code: string;
  /** From this day on the other object is meant; before it, this one. */
  readonly validFrom: WorkDate;
}

/** Days on which two active objects are one human being: nothing tells whose hour it is. Without `to`: without end. */
export interface SharedIdentity {
  /** Code of the other object. */
  readonly with: string;
  readonly from: WorkDate;
  readonly to?: WorkDate;
}

/** A canonical object with its whole history: what one MASTER message carries. A higher revision replaces a lower one. */
export interface MasterObject {
  readonly kind: MasterKind;
  readonly id: string;
  readonly code: string;
  readonly revision: number;
  readonly legalEntityId: string;
  /** Ascending by validFrom, at least one. */
  readonly timeline: readonly TimelineSegment[];
  readonly crossReferences: readonly CrossReference[];
  /** Which connection each attribute came from. */
  readonly attributeSources: Readonly<Record<string, ConnectionId>>;
  /** True when more than one source record claims the code: nothing may resolve to it until a person decides. */
  readonly ambiguous: boolean;
  /** Ascending by `until`. Absent: none. */
  readonly formerCodes?: readonly FormerCode[];
  readonly mergedInto?: MergedInto;
  /** Ascending by `from`. Absent: none. */
  readonly sharedIdentity?: readonly SharedIdentity[];
}

/**
 * Attributes that tell something of a person: their values stand in no event of another kind than the object's own, in no case and in
 * no log.
 */
export const PERSONAL_ATTRIBUTES: Readonly<Partial<Record<MasterKind, readonly string[]>>> = {
  worker: ['userName', 'person'],
  client: ['name'],
  opportunity: ['projectManager'],
};
export const isPersonal = (kind: MasterKind, attribute: string): boolean =>
  PERSONAL_ATTRIBUTES[kind]?.includes(attribute) ?? false;

/** The attributes effective on a date, or undefined before the first segment. */
export const attributesOn = <K extends MasterKind>(
  object: Pick<MasterObject, 'timeline'> & { kind: K },
  date: WorkDate,
): MasterAttributes[K] | undefined => {
  let found: TimelineSegment | undefined;
  for (const segment of object.timeline) if (segment.validFrom <= date) found = segment;
  return found?.attributes as MasterAttributes[K] | undefined;
};

/** What a verdict depended on, and what a change touches: "project:P-100". */
export const masterKey = (kind: MasterKind, code: string): string => `${kind}:${code}`;

/** Code of a task: unique only within its project. */
export const taskCode = (project: string, task: string): string => `${project}/${task}`;
/** Code of an assignment. */
export const assignmentCode = (project: string, worker: string): string => `${project}/${worker}`;
/** Code of an exchange rate: amount in `from` times rate is amount in `to`. */
export const exchangeRateCode = (from: string, to: string): string => `${from}/${to}`;
/** Code of an accounting period: legal entity and the ERP's own name of the period. */
export const periodCode = (legalEntity: string, period: string): string => `${legalEntity}/${period}`;
/** Code of a pay period: pay group and payroll's own name of the period. */
export const payPeriodCode = (payGroup: string, period: string): string => `${payGroup}/${period}`;
/** Code of an approver's right: kind and code of what it reaches, and the approver's worker code. */
export const approverRightCode = (scope: string, scopeCode: string, approver: string): string =>
  `${scope}:${scopeCode}/${approver}`;
/** Code of a billing milestone: unique only within its project. */
export const milestoneCode = (project: string, milestone: string): string => `${project}/${milestone}`;
