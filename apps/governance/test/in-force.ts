import { addDuration, type Instant } from '@tieout/model';
import type { ApprovalRules, BundlePart, ChangeAnswer, Role } from '@tieout/policy';
import type { Bundle } from '../src/domain/bundle/bundle.js';
import type { Moment } from '../src/domain/bundle/moment.js';
import type { Person } from '../src/domain/person.js';

export const AT: Instant = '2026-11-23T09:00:00.000Z';
export const later = (duration: string, from = AT): Instant => addDuration(from, duration);

export type Needed = Partial<Record<BundlePart, readonly Role[]>>;

/** The rules of a small firm. */
export const NEEDED: Needed = {
  validation: ['service-operations'],
  accounts: ['finance'],
  routing: ['finance', 'platform'],
  mappings: ['enterprise-architecture'],
  approvals: ['enterprise-architecture', 'finance'],
  overrides: ['finance'],
};

export const rules = (needed: Needed = NEEDED): ApprovalRules => ({
  neededFor: (parts) => parts.flatMap((part) => (needed[part] ?? []).map((role) => ({ part, role }))),
  proposalsExpireAfter: 'P14D',
  activateRoles: ['platform'],
  rollbackRoles: ['platform'],
  emergencyRoles: ['platform', 'service-operations'],
  reviewWithin: 'P2D',
});

const open = (): ChangeAnswer => ({ allowed: true });
export const FROZEN: ChangeAnswer = {
  allowed: false,
  why: 'The books of DE01 close.',
  opensAt: '2026-11-24T09:00:00.000Z',
  blockedBy: 'close',
};

export const BASE = 'b'.repeat(64);
export const DIGEST = 'd'.repeat(64);

export const moment = (
  more: {
    at?: Instant;
    digest?: string;
    approvals?: ApprovalRules;
    changeAllowed?: Moment['active']['changeAllowed'];
  } = {},
): Moment => ({
  at: more.at ?? AT,
  environment: 'test',
  active: { digest: more.digest ?? BASE, approvals: more.approvals ?? rules(), changeAllowed: more.changeAllowed ?? open },
});

export const person = (name: string, ...roles: Role[]): Person => ({ actor: `user:${name}`, roles });

/** A draft of ana's. */
export const draft = (more: Partial<Bundle> = {}): Bundle => ({
  bundleId: '0198a000-0000-7000-8000-000000000001',
  digest: DIGEST,
  state: 'draft',
  author: 'user:ana',
  earlierAuthors: [],
  promotedFrom: null,
  createdAt: AT,
  proposal: null,
  approvals: [],
  closing: null,
  ...more,
});

/** Proposed by pia, at AT. */
export const proposed = (parts: readonly BundlePart[], more: Partial<Bundle> = {}, proposal: object = {}): Bundle =>
  draft({
    state: 'proposed',
    proposal: {
      by: 'user:pia',
      at: AT,
      why: 'a new rule',
      expiresAt: later('P14D'),
      effectiveFrom: null,
      baseDigest: BASE,
      parts,
      emergency: null,
      ...proposal,
    },
    ...more,
  });

export const refusalOf = (decision: {
  readonly ok: boolean;
  readonly refusal?: { readonly code: string };
}): string | undefined => (decision.ok ? undefined : decision.refusal?.code);
