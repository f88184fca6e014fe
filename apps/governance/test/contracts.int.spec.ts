import { CATALOGUE } from '@tieout/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesWith, World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());

describe('the registry of contracts', () => {
  it('is open to every role, whole or filtered', async () => {
    const all = await world.as('audrey', 'GET', '/contracts');
    expect([all.status, (all.body['items'] as object[]).length]).toEqual([200, CATALOGUE.length]);
    const some = await world.as('sam', 'GET', '/contracts?kind=event&owner=governance&consumer=time&status=current');
    expect((some.body['items'] as { id: string }[]).map(({ id }) => id)).toEqual([
      'governance.policy.activated.v1',
      'governance.override.changed.v1',
    ]);
  });

  it.each(['kind=poem', 'consumer=nobody', 'status=old'])('refuses %s', async (query) => {
    expect(await world.as('sam', 'GET', `/contracts?${query}`)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });

  it('needs a token', async () => {
    expect((await world.call(undefined, 'GET', '/contracts')).status).toBe(401);
  });
});

describe('the change calendar', () => {
  // Noon of a Wednesday in March: no close, no pay run.
  const AT = '2027-03-10T17:00:00Z';
  const ask = (query: string) => world.as('otto', 'GET', `/deploy-check?${query}`);
  const inProduction = `service=erp-posting&environment=production&at=${AT}`;

  it('is that of the policy in force: a freeze counts from its activation on', async () => {
    const before = await ask(inProduction);
    expect(before).toMatchObject({
      status: 200,
      body: { allowed: true, policy: { environment: world.environment, revision: 1 } },
    });
    await world.makeActive(
      filesWith(['calendars.yaml', /from: 2026-12-19\n {4}to: 2027-01-08/, 'from: 2027-03-10\n    to: 2027-03-10']),
      'finn',
    );
    expect(await ask(inProduction)).toMatchObject({
      status: 200,
      body: { allowed: false, blockedBy: 'freeze', opensAt: '2027-03-11T05:00:00.000Z', policy: { revision: 2 } },
    });
    expect(await ask(inProduction.replace(AT, '2027-03-11T06:00:00%2B01:00'))).toMatchObject({ body: { allowed: true } });
  });

  it('guards the environments that policy names, and says that the policy of another may be another', async () => {
    const here = await ask(`service=erp-posting&at=${AT}`);
    expect(here.body).toMatchObject({ allowed: true, environment: world.environment, notes: [] });
    const { body } = await ask(inProduction);
    expect(body['notes']).toEqual([expect.stringContaining('what is active in "production" may say otherwise')]);
  });

  it('knows the services, the changes and what an instant is', async () => {
    expect(await ask('service=erp')).toMatchObject({ status: 404, body: { code: 'unknown-service' } });
    expect((await ask('service=erp-posting&at=tomorrow')).status).toBe(400);
    expect((await ask('service=erp-posting&change=party')).status).toBe(400);
    expect((await ask('')).status).toBe(400);
  });

  it('is shown with its dates, for at most 400 days', async () => {
    const show = (to: string) => world.as('otto', 'GET', `/change-calendar?from=2027-03-10T00:00:00Z&to=${to}`);
    expect((await show('2027-03-11T00:00:00Z')).body['items']).toContainEqual(
      expect.objectContaining({ kind: 'freeze', from: '2027-03-10T05:00:00.000Z', to: '2027-03-11T05:00:00.000Z' }),
    );
    expect(await show('2027-03-09T00:00:00Z')).toMatchObject({ status: 400 });
    expect(await show('2028-06-01T00:00:00Z')).toMatchObject({ status: 400 });
  });
});
