import { describe, expect, it } from 'vitest';
import { AT, DIGEST, later, person, refusalOf } from '../../../test/in-force.js';
import type { Decision } from '../refusal.js';
import { approveRequest, closeRequest, expireRequest, finishRequest, openRequest } from './operator-request.js';

const olga = person('olga', 'operator');
const otto = person('otto', 'operator');
const opened = openRequest(
  {
    requestId: '0198a000-0000-7000-8000-000000000004',
    subject: 'cmd.posting.replay.v1',
    command: { by: 'destination', destination: 'erp', dryRun: false },
    commandDigest: DIGEST,
    size: { lines: 40, amounts: { EUR: '12000' } },
    why: 'after the outage',
  },
  olga,
  AT,
);
const value = <T>(decision: Decision<T>): T => {
  if (!decision.ok) throw new Error(decision.refusal.detail);
  return decision.value;
};
const approved = value(approveRequest(opened, otto, DIGEST, AT));

describe('a second person', () => {
  it('may be another operator, or finance; the approval counts for an hour', () => {
    expect(approved).toMatchObject({ state: 'approved', approvedBy: 'user:otto', grantExpiresAt: later('PT1H') });
    expect(refusalOf(approveRequest(opened, person('fay', 'finance'), DIGEST, AT))).toBeUndefined();
  });

  it.each([
    ['whoever asked', olga, DIGEST, AT, 'self-approval'],
    ['whoever asked, in another role', person('olga', 'finance'), DIGEST, AT, 'self-approval'],
    ['a program', { actor: 'service:x', roles: ['finance'] as const }, DIGEST, AT, 'not-a-person'],
    ['somebody without the role', person('ana', 'enterprise-architecture'), DIGEST, AT, 'role-not-held'],
    ['somebody who looked at another command', otto, 'e'.repeat(64), AT, 'another-digest'],
    ['somebody a day later', otto, DIGEST, later('PT24H'), 'request-expired'],
  ] as const)('is not %s', (_what, who, digest, at, refusal) => {
    expect(refusalOf(approveRequest(opened, who, digest, at))).toBe(refusal);
  });

  it('says yes once', () => {
    expect(refusalOf(approveRequest(approved, person('fay', 'finance'), DIGEST, AT))).toBe('wrong-state');
  });
});

describe('the end of a request', () => {
  it.each([
    ['withdrawn by whoever asked', () => closeRequest(opened, 'withdraw', olga, 'x', AT), undefined],
    ['withdrawn by another', () => closeRequest(opened, 'withdraw', otto, 'x', AT), 'not-yours'],
    ['rejected by who could approve', () => closeRequest(opened, 'reject', otto, 'x', AT), undefined],
    ['rejected by another', () => closeRequest(opened, 'reject', person('ana', 'platform'), 'x', AT), 'role-not-held'],
    ['withdrawn after the approval', () => closeRequest(approved, 'withdraw', olga, 'x', AT), 'wrong-state'],
    ['expired', () => expireRequest(opened, 'service:governance', AT), undefined],
    ['expired after the approval', () => expireRequest(approved, 'service:governance', AT), 'wrong-state'],
    ['answered before the approval', () => finishRequest(opened, 'succeed', 'x', { why: 'x', answer: 1 }, AT), 'wrong-state'],
  ] as const)('%s', (_what, decide, refusal) => {
    expect(refusalOf(decide())).toBe(refusal);
  });

  it('keeps what the service answered', () => {
    const done = value(
      finishRequest(approved, 'succeed', 'service:governance', { why: 'carried out', answer: { lines: 40 } }, AT),
    );
    expect(done).toMatchObject({ state: 'done', outcome: { lines: 40 }, closing: { why: 'carried out' } });
    expect(refusalOf(finishRequest(done, 'fail', 'x', { why: 'x', answer: null }, AT))).toBe('wrong-state');
  });
});
