import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testIssuer, type TestIssuer } from './issuer.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.stop());

async function verify(token: string) {
  const discovered = (await (await fetch(`${issuer.issuer}/.well-known/openid-configuration`)).json()) as { jwks_uri: string };
  return jwtVerify(token, createRemoteJWKSet(new URL(discovered.jwks_uri)), { issuer: issuer.issuer, audience: 'tieout' });
}

it('issues tokens that verify against its key set', async () => {
  const { payload } = await verify(await issuer.token({ subject: 'ann', roles: ['finance'], claims: { client_id: 'console' } }));
  expect(payload).toMatchObject({ sub: 'ann', roles: ['finance'], client_id: 'console' });
});

it.each([
  ['expired', () => issuer.token({ expiresIn: -60 }), /"exp" claim/],
  ['for others', () => issuer.token({ audience: 'payroll' }), /"aud" claim/],
  ['forged', () => issuer.forgedToken(), /signature verification failed/],
])('can make one that is %s', async (_what, token, refusal) => {
  await expect(verify(await token())).rejects.toThrow(refusal);
});
