import type { ReasonCode } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { AT, DIGEST, later, person, refusalOf, rules } from '../../../test/in-force.js';
import type { Decision } from '../refusal.js';
import { approveOverride, closeOverride, passTime, requestOverride, type Override } from './override.js';

const policy = { approvals: rules(), waivable: (reason: ReasonCode) => reason === 'DAILY_LIMIT_EXCEEDED' };
const olga = person('olga', 'operator');
const finn = person('finn', 'finance');
const asked = {
  overrideId: '0198a000-0000-7000-8000-000000000002',
  entryId: '0198a000-0000-7000-8000-000000000003',
  legalEntityId: 'DE01',
  reasons: ['DAILY_LIMIT_EXCEEDED'] as ReasonCode[],
  validUntil: later('P30D'),
  why: 'go-live weekend',
  digest: DIGEST,
};
const value = <T>(decision: Decision<T>): T => {
  if (!decision.ok) throw new Error(decision.refusal.detail);
  return decision.value;
};
const requested = (more: object = {}): Override =>
  value(requestOverride({ ...asked, ...more }, olga, { policy, at: AT, lastRevision: 4 }));
const inForce = (): Override => value(approveOverride(requested(), finn, { digest: DIGEST }, { policy, at: AT }));

describe('asking for an override', () => {
  it.each([
    ['of what policy lets pass', {}, undefined],
    ['of what it does not', { reasons: ['DAILY_LIMIT_EXCEEDED', 'PERIOD_CLOSED'] }, 'not-waivable'],
    ['that is over', { validUntil: AT }, 'until-out-of-range'],
    ['for more than a year', { validUntil: later('P367D') }, 'until-out-of-range'],
  ])('%s', (_what, more, refusal) => {
    const request = { ...asked, ...more } as typeof asked;
    expect(refusalOf(requestOverride(request, olga, { policy, at: AT, lastRevision: 0 }))).toBe(refusal);
  });

  it('is void when nobody approved it, at the latest when it would be over', () => {
    expect(requested().expiresAt).toBe(later('P14D'));
    expect(requested({ validUntil: later('P2D') }).expiresAt).toBe(later('P2D'));
  });
});

describe('approving an override', () => {
  it('takes effect with a revision above all that was said of the entry', () => {
    expect(inForce()).toMatchObject({ state: 'active', revision: 5 });
  });

  it.each([
    ['whoever asked', person('olga', 'finance'), DIGEST, AT, 'self-approval'],
    ['somebody without the role', person('sam', 'service-operations'), DIGEST, AT, 'role-not-held'],
    ['a program', { actor: 'service:x', roles: ['finance'] as const }, DIGEST, AT, 'not-a-person'],
    ['somebody who looked at another', finn, 'e'.repeat(64), AT, 'another-digest'],
    ['somebody too late', finn, DIGEST, later('P14D'), 'proposal-expired'],
  ] as const)('by %s', (_what, who, digest, at, refusal) => {
    expect(refusalOf(approveOverride(requested(), who, { digest }, { policy, at }))).toBe(refusal);
  });

  it('waits for every role that policy wants', () => {
    const both = { ...policy, approvals: rules({ overrides: ['finance', 'platform'] }) };
    const first = value(approveOverride(requested(), finn, { digest: DIGEST }, { policy: both, at: AT }));
    expect(first).toMatchObject({ state: 'requested', revision: 4 });
    expect(value(approveOverride(first, person('pia', 'platform'), { digest: DIGEST }, { policy: both, at: AT })).state).toBe(
      'active',
    );
  });

  it('is refused when policy names nobody, or no longer lets it pass', () => {
    const nobody = { ...policy, approvals: rules({}) };
    expect(refusalOf(approveOverride(requested(), finn, { digest: DIGEST }, { policy: nobody, at: AT }))).toBe(
      'no-rule-for-part',
    );
    const fixed = { ...policy, waivable: () => false };
    expect(refusalOf(approveOverride(requested(), finn, { digest: DIGEST }, { policy: fixed, at: AT }))).toBe('not-waivable');
  });
});

describe('the end of an override', () => {
  it.each([
    ['withdrawn by whoever asked', requested, 'withdraw', olga, undefined],
    ['withdrawn by another', requested, 'withdraw', finn, 'not-yours'],
    ['rejected by who may approve', requested, 'reject', finn, undefined],
    ['rejected by another', requested, 'reject', person('otto', 'operator'), 'role-not-held'],
    ['ended by whoever asked', inForce, 'end', olga, undefined],
    ['ended by who may approve', inForce, 'end', finn, undefined],
    ['ended by another', inForce, 'end', person('otto', 'operator'), 'role-not-held'],
    ['ended before it began', requested, 'end', finn, 'wrong-state'],
    ['withdrawn in force', inForce, 'withdraw', olga, 'wrong-state'],
  ] as const)('%s', (_what, override, event, who, refusal) => {
    expect(refusalOf(closeOverride(override(), { event, why: 'x' }, who, { policy, at: AT }))).toBe(refusal);
  });

  it('is told with the next revision', () => {
    expect(value(closeOverride(inForce(), { event: 'end', why: 'x' }, finn, { policy, at: AT }))).toMatchObject({
      state: 'ended',
      revision: 6,
    });
    expect(value(closeOverride(requested(), { event: 'reject', why: 'x' }, finn, { policy, at: AT })).revision).toBe(4);
  });

  it('comes by time', () => {
    expect(passTime(requested(), 'service:governance', later('P13D'))).toBeUndefined();
    expect(passTime(requested(), 'service:governance', later('P14D'))).toMatchObject({ state: 'expired' });
    expect(passTime(inForce(), 'service:governance', later('P29D'))).toBeUndefined();
    expect(passTime(inForce(), 'service:governance', later('P30D'))).toMatchObject({ state: 'ended', revision: 6 });
  });
});
