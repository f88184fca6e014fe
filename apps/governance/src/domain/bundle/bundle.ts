import type { Instant } from '@tieout/model';
import type { BundlePart } from '@tieout/policy';
import type { GivenApproval } from '../approving.js';
import { step, type Transitions } from '../transitions.js';
import type { Decision } from '../refusal.js';

export const BUNDLE_STATES = ['draft', 'proposed', 'approved', 'active', 'retired', 'withdrawn', 'rejected', 'expired'] as const;
export type BundleState = (typeof BUNDLE_STATES)[number];

export const BUNDLE_EVENTS = [
  'propose',
  /** The last approval that was missing. */
  'approve',
  'reject',
  'withdraw',
  'expire',
  'activate',
  /** Another one was activated. */
  'retire',
  /** By a rollback. */
  'restore',
] as const;
export type BundleEvent = (typeof BUNDLE_EVENTS)[number];

/** A bundle's files never change: whoever wants another text makes another draft. */
export const BUNDLE_TRANSITIONS: Transitions<BundleState, BundleEvent> = {
  draft: { propose: 'proposed', withdraw: 'withdrawn' },
  proposed: { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn', expire: 'expired' },
  approved: { activate: 'active', reject: 'rejected', withdraw: 'withdrawn', expire: 'expired' },
  active: { retire: 'retired' },
  retired: { restore: 'active' },
  withdrawn: {},
  rejected: {},
  expired: {},
};

export const stepBundle = (state: BundleState, event: BundleEvent): Decision<BundleState> =>
  step(BUNDLE_TRANSITIONS, 'bundle', state, event);

export interface Emergency {
  readonly reason: string;
  readonly declaredBy: string;
}

export interface Proposal {
  readonly by: string;
  readonly at: Instant;
  readonly why: string;
  readonly expiresAt: Instant;
  /** Null: when somebody activates it. */
  readonly effectiveFrom: Instant | null;
  /** Digest of the policy that was active then: what the approvers compare with. */
  readonly baseDigest: string;
  /** What differs from it. */
  readonly parts: readonly BundlePart[];
  readonly emergency: Emergency | null;
}

/** How it left the way to activation. */
export interface Closing {
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
}

/** A bundle without its text. */
export interface Bundle {
  readonly bundleId: string;
  /** Null: it does not compile. */
  readonly digest: string | null;
  readonly state: BundleState;
  readonly author: string;
  /** Whoever wrote or proposed it in the environment it was promoted from. */
  readonly earlierAuthors: readonly string[];
  readonly promotedFrom: string | null;
  readonly createdAt: Instant;
  readonly proposal: Proposal | null;
  readonly approvals: readonly GivenApproval[];
  readonly closing: Closing | null;
}

/** None of these approves it. */
export const barredFrom = ({ author, earlierAuthors, proposal }: Bundle): string[] => [
  ...new Set([author, ...earlierAuthors, ...(proposal ? [proposal.by] : [])]),
];
