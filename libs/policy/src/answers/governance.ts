import type { CurrencyCode, DecimalString } from '@tieout/model';

/** Who may approve a part of a bundle, by the roles of a person's token. */
export const APPROVER_ROLES = [
  'operator',
  'finance',
  'payroll',
  'platform',
  'enterprise-architecture',
  'service-operations',
] as const;
export type Role = (typeof APPROVER_ROLES)[number];

/** A file of the bundle without ".yaml"; what an overlay changes counts as a change of the part that it touches. */
export const BUNDLE_PARTS = [
  'connections',
  'systems-of-record',
  'mappings',
  'validation',
  'calendars',
  'accounts',
  'routing',
  'priorities',
  'slas',
  'ownership',
  'approvals',
  'federation',
  'retention',
] as const;
/** Approved by the same rules, but not in a bundle: one-off overrides, and versions of contracts. */
export const PARTS_BESIDE = ['overrides', 'contracts'] as const;
export const ALL_PARTS = [...BUNDLE_PARTS, ...PARTS_BESIDE] as const;
export type BundlePart = (typeof ALL_PARTS)[number];

export interface ApprovalRules {
  /** One row per part and role: somebody of each role must approve. */
  neededFor(parts: readonly BundlePart[]): readonly { readonly part: BundlePart; readonly role: Role }[];
  /** ISO 8601 duration, from the proposal. */
  readonly proposalsExpireAfter: string;
  readonly activateRoles: readonly Role[];
  readonly rollbackRoles: readonly Role[];
  readonly emergencyRoles: readonly Role[];
  /** ISO 8601 duration, from an emergency change to the review that it needs. */
  readonly reviewWithin: string;
}

/** What operators do that moves money. */
export const OPERATOR_ACTIONS = [
  'bulk-fix',
  'replay',
  'adopt',
  'settle',
  'reverse-surplus',
  'accrue',
  'accept-difference',
  'override',
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

/** How much an action touches. Amounts per currency; their sign does not matter. */
export interface ActionSize {
  readonly lines: number;
  readonly amounts: Readonly<Record<CurrencyCode, DecimalString>>;
}

/** ISO 8601 durations; absent: kept for good. */
export interface RetentionRules {
  /** What a source sent, from the day on which its entry was last changed. */
  readonly sourceRecords?: string | undefined;
}

/** One line of the ownership matrix: who may say what the attribute is. `*`: every legal entity that has no line of its own. */
export interface OwnershipRow {
  readonly kind: string;
  readonly attribute: string;
  readonly legalEntityId: string;
  readonly owner: string;
}
