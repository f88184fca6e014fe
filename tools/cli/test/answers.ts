export const ID = '0198c2f4-0000-7000-8000-000000000001';
export const OTHER = '0198c2f4-0000-7000-8000-000000000002';
export const DIGEST = 'd1413b059c323faddb6db24bd213da2cf5c62b5034645ec7b6570ea130f30801';

export const bundle = (more: object = {}): object => ({
  bundleId: ID,
  digest: DIGEST,
  state: 'proposed',
  author: 'user:ana',
  earlierAuthors: [],
  promotedFrom: null,
  createdAt: '2026-11-23T09:00:00.000Z',
  proposal: {
    by: 'user:ana',
    at: '2026-11-23T09:01:00.000Z',
    why: 'Grace of 14 days',
    expiresAt: '2026-12-07T09:01:00.000Z',
    effectiveFrom: null,
    baseDigest: 'a'.repeat(64),
    parts: ['validation', 'calendars'],
    emergency: null,
  },
  approvals: [],
  closing: null,
  needed: [
    { part: 'validation', role: 'service-operations' },
    { part: 'calendars', role: 'finance' },
  ],
  missing: [
    { part: 'validation', role: 'service-operations' },
    { part: 'calendars', role: 'finance' },
  ],
  overtaken: false,
  ...more,
});

export const activation = (more: object = {}): object => ({
  revision: 7,
  bundleId: ID,
  digest: DIGEST,
  cause: 'approved',
  activatedAt: '2026-11-23T10:00:00.000Z',
  activatedBy: 'user:pia',
  reason: 'Grace of 14 days',
  parts: ['validation'],
  emergency: null,
  reviewDueAt: null,
  review: null,
  ...more,
});

export const emergency = {
  emergency: { reason: 'payroll is blocked', declaredBy: 'user:pia' },
  reviewDueAt: '2026-11-25T10:00:00.000Z',
};

export const override = (more: object = {}): object => ({
  overrideId: ID,
  entryId: OTHER,
  legalEntityId: 'DE01',
  reasons: ['INACTIVE_PROJECT'],
  validUntil: '2026-12-31T23:00:00.000Z',
  why: 'the client asked for it',
  state: 'requested',
  requestedBy: 'user:olga',
  requestedAt: '2026-11-23T09:00:00.000Z',
  digest: 'e'.repeat(64),
  expiresAt: '2026-12-07T09:00:00.000Z',
  approvals: [],
  revision: 0,
  closing: null,
  ...more,
});

export const request = (more: object = {}): object => ({
  requestId: ID,
  subject: 'cmd.posting.replay.v1',
  command: { by: 'destination', destination: 'erp-de', dryRun: false },
  commandDigest: 'c'.repeat(64),
  size: { lines: 1200, hours: '9600', amounts: { EUR: '480000.00' } },
  why: 'the ERP lost a week',
  state: 'open',
  requestedBy: 'user:olga',
  requestedAt: '2026-11-23T09:00:00.000Z',
  expiresAt: '2026-11-24T09:00:00.000Z',
  approvedBy: null,
  approvedAt: null,
  grantExpiresAt: null,
  closing: null,
  outcome: null,
  ...more,
});
