import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERY_ROLE, filesWith, otherLimit, World, type Answer, type Name } from './world.js';

let world: World;
let limit: Answer['body'];
let accounts: Answer['body'];
beforeAll(async () => {
  world = await World.start();
  limit = await world.proposed('ana', otherLimit(15));
  accounts = await world.proposed(
    'eve',
    filesWith(['calendars.yaml', /^lateOriginals:.*$/m, 'lateOriginals: first-open-period']),
  );
});
afterAll(() => world.stop());

const approvalBy = async (token: string | undefined, bundle: Answer['body'], more: object = {}): Promise<Answer> =>
  world.call(token, 'POST', `/policy/bundles/${bundle.bundleId}/approve`, { digest: bundle.digest, ...more });

describe('approving over HTTP', () => {
  it.each([
    ['finn', 'role-not-held'],
    ['pia', 'role-not-held'],
    ['eve', 'role-not-held'],
    ['olga', 'role-not-held'],
    ['audrey', 'role-missing'],
  ] as const)('validation by %s: %s', async (name, code) => {
    const { status, body } = await world.approve(name, limit);
    expect([status, body.code]).toEqual([403, code]);
  });

  it('calendars by service operations, architecture, platform: denied; by finance: approved', async () => {
    for (const name of ['sam', 'ana', 'pia'] as const)
      expect((await world.approve(name, accounts)).body.code).toBe('role-not-held');
    expect((await world.approve('finn', accounts)).body).toMatchObject({
      state: 'approved',
      approvals: [{ actor: 'user:finn', role: 'finance', digest: accounts.digest }],
    });
  });

  it('a change of their own is denied to authors, whatever roles another token of theirs gives them', async () => {
    for (const roles of [['service-operations'], EVERY_ROLE])
      for (const role of [undefined, 'service-operations']) {
        const { status, body } = await approvalBy(await world.issuer.token({ subject: 'ana', roles }), limit, { role });
        expect([status, body.code]).toEqual([403, 'self-approval']);
      }
  });

  it('is denied to programs, to forged tokens, and without one', async () => {
    const program = await world.issuer.token({ subject: 'robot', roles: EVERY_ROLE, claims: { client_id: 'robot' } });
    expect((await approvalBy(program, limit)).body.code).toBe('not-a-person');
    const forged = await world.issuer.forgedToken({ subject: 'sam', roles: ['service-operations'] });
    expect((await approvalBy(forged, limit)).status).toBe(401);
    expect((await approvalBy(undefined, limit)).status).toBe(401);
    const expired = await world.issuer.token({ subject: 'sam', roles: ['service-operations'], expiresIn: -60 });
    expect((await approvalBy(expired, limit)).status).toBe(401);
  });

  it('names the digest that was looked at', async () => {
    const answer = await world.approve('sam', { ...limit, digest: 'a'.repeat(64) });
    expect([answer.status, answer.body.code]).toEqual([409, 'another-digest']);
    expect((await world.as('sam', 'POST', `/policy/bundles/${limit.bundleId}/approve`, {})).status).toBe(400);
  });

  it('left nothing behind where it was denied, and counts once where it was not', async () => {
    expect((await world.as('audrey', 'GET', `/policy/bundles/${limit.bundleId}`)).body).toMatchObject({
      state: 'proposed',
      approvals: [],
    });
    expect((await world.approve('sam', limit)).body['state']).toBe('approved');
    expect((await world.approve('sue', limit)).body.code).toBe('wrong-state');
    expect((await world.as('sue', 'POST', `/policy/bundles/${limit.bundleId}/reject`, { why: 'no' })).body).toMatchObject({
      state: 'rejected',
      closing: { by: 'user:sue', why: 'no' },
    });
  });
});

describe('what the guard and the fields refuse', () => {
  const id = randomUUID();
  it.each<[Name, 'GET' | 'POST', string, object | undefined, number, string]>([
    ['audrey', 'POST', '/policy/bundles', { files: [] }, 403, 'role-missing'],
    ['ana', 'POST', '/policy/bundles', { files: [] }, 400, 'invalid-request'],
    ['ana', 'POST', '/policy/bundles', { files: [{ name: '../x.yaml', text: '' }] }, 400, 'file-name-wrong'],
    ['ana', 'POST', '/policy/bundles', { files: [{ name: 'a.yaml', text: '' }, { name: 'a.yaml', text: '' }] }, 400, 'file-name-wrong'], // prettier-ignore
    ['ana', 'POST', '/policy/bundles', { files: [{ name: 'a.yaml', text: 'x'.repeat(530_000) }] }, 413, 'bundle-too-large'],
    ['ana', 'POST', `/policy/bundles/${id}/propose`, { why: 'x' }, 404, 'no-such-bundle'],
    ['ana', 'POST', `/policy/bundles/${id}/propose`, {}, 400, 'invalid-request'],
    ['ana', 'GET', `/policy/bundles/${id}`, undefined, 404, 'no-such-bundle'],
    ['ana', 'GET', '/policy/bundles?state=nonsense', undefined, 400, 'invalid-request'],
    ['pia', 'POST', '/policy/rollback', { why: 'x' }, 404, 'no-such-bundle'],
    ['pia', 'POST', '/policy/activations/99/review', { note: 'x' }, 404, 'no-such-activation'],
    ['pia', 'POST', '/policy/activations/1/review', { note: 'x' }, 409, 'no-review-due'],
    ['pia', 'GET', `/policy/promotions/${'a'.repeat(64)}`, undefined, 404, 'no-such-bundle'],
    ['olga', 'POST', `/requests/${id}/approve`, {}, 404, 'no-such-request'],
    ['finn', 'POST', `/overrides/${id}/approve`, { digest: 'a'.repeat(64) }, 404, 'no-such-override'],
  ])('%s: %s %s %j: %i %s', async (name, method, path, body, status, code) => {
    const answer = await world.as(name, method, path, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body['whatToDo']).toMatch(/./);
  });

  it('is described', async () => {
    const { status, body } = await world.call(undefined, 'GET', '/openapi.json');
    expect(status).toBe(200);
    expect(Object.keys(body['paths'] as object)).toEqual(
      expect.arrayContaining(['/policy/bundles/{bundleId}/approve', '/policy/promotions/{digest}', '/overrides', '/requests']),
    );
  });
});
