import { describe, expect, it } from 'vitest';
import { AT, DIGEST, later, refusalOf } from '../../../test/in-force.js';
import { checkPromotion, type PromotionChecks, type PromotionStatement } from './promotion.js';

const statement: PromotionStatement = {
  environment: 'test',
  bundleId: '0198a000-0000-7000-8000-000000000001',
  digest: DIGEST,
  files: [{ name: 'validation.yaml', text: 'x: 1\n' }],
  authors: ['user:ana'],
  approvals: [{ actor: 'user:finn', role: 'finance', at: AT }],
  revision: 3,
  activatedAt: AT,
  issuedAt: AT,
};
const checks: PromotionChecks = { promotesFrom: 'test', signatureHolds: true, recomputedDigest: DIGEST, at: AT };

describe('a promotion', () => {
  it.each([
    ['as it should be', {}, {}, undefined],
    ['where none is taken', {}, { promotesFrom: undefined }, /PROMOTES_FROM is not set/],
    ['of another environment', { environment: 'dev' }, {}, /is of "dev"/],
    ['with a signature that does not hold', {}, { signatureHolds: false }, /PROMOTION_KEYS/],
    ['issued in the future', { issuedAt: later('PT6M') }, {}, /in the future/],
    ['active in the future', { activatedAt: later('PT6M') }, {}, /in the future/],
    ['of a clock that is a little ahead', { issuedAt: later('PT4M') }, {}, undefined],
    ['that nobody approved', { approvals: [] }, {}, /Nobody approved it in test/],
    ['with another digest than its files have here', {}, { recomputedDigest: 'e'.repeat(64) }, /digest of its files is another/],
  ])('%s', (_what, more, otherwise, refusal) => {
    const checked = checkPromotion({ ...statement, ...more }, { ...checks, ...otherwise });
    expect(refusalOf(checked)).toBe(refusal === undefined ? undefined : 'promotion-refused');
    if (!checked.ok) expect(checked.refusal.detail).toMatch(refusal!);
    if (!checked.ok) expect(checked.refusal.whatToDo).toMatch(/./);
  });
});
