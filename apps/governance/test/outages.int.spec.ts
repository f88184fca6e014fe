import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '@tieout/clock';
import { Database } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { eventually } from '@tieout/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Governance } from '../src/app-part.js';
import { ActivateBundle } from '../src/use-cases/activate-bundle.js';
import { ActivePolicy } from '../src/use-cases/active-policy.js';
import { takeFirstBundle } from '../src/use-cases/first-start.js';
import { PolicyChanges } from '../src/use-cases/policy-changes.js';
import { DEMO, otherLimit, World } from './world.js';

let world: World;
afterEach(() => world.stop());

describe('governance', () => {
  it('killed between commit and publish loses nothing: the next start says it', async () => {
    world = await World.start();
    await world.revisionOnStream(1);
    const bundle = await world.proposed('ana', otherLimit(15));
    await world.approve('sam', bundle);
    await world.services.pop()!.stop();
    // What a process does that dies right after its commit: the transaction, and no relay.
    const database = new Database({ url: world.database.url });
    const runtime = { name: 'governance', database, clock: systemClock, environment: world.environment } as ServiceRuntime;
    const governance = { runtime, config: { signingKey: world.keys.privateKey } } as Governance;
    const activate = new ActivateBundle(governance, new PolicyChanges(governance, new ActivePolicy()));
    const activated = await activate.activate({ actor: 'user:pia', roles: ['platform'] }, bundle.bundleId);
    await database.close();
    expect(activated).toMatchObject({ ok: true, value: { revision: 2 } });

    await world.startService();
    expect(await world.revisionOnStream(2)).toMatchObject({ digest: bundle.digest });
  });

  it('in two replicas activates what is due once', async () => {
    world = await World.start();
    const other = await world.startService({ INSTANCE_ID: 'other' });
    const effectiveFrom = new Date(Date.now() + 1_500).toISOString();
    const bundle = await world.proposed('ana', otherLimit(15), { effectiveFrom });
    await world.approve('sam', bundle);
    await world.revisionOnStream(2);
    // Both by hand at the same moment as well: one is told that it is over.
    const token = await world.issuer.token({ subject: 'pia', roles: ['platform'] });
    const back = await Promise.all(
      [world.service, other].map((at) => world.call(token, 'POST', '/policy/rollback', { why: 'x' }, at)),
    );
    expect(back.map(({ body }) => body.revision).sort()).toEqual([3, 4]);
    const rows = await world.service.runtime.database.query('select revision, cause from activation order by revision');
    expect(rows).toEqual([
      { revision: 1, cause: 'first-start' },
      { revision: 2, cause: 'approved' },
      { revision: 3, cause: 'rollback' },
      { revision: 4, cause: 'rollback' },
    ]);
    expect(await world.audited('bundle.activated')).toHaveLength(3);
  });

  it('puts what is in force back onto a stream that was lost', async () => {
    world = await World.start();
    await world.revisionOnStream(1);
    const jsm = await jetstreamManager(world.service.runtime.link.nc);
    await jsm.streams.delete('GOVERNANCE');
    expect(await world.onStream()).toBeUndefined();
    await world.revisionOnStream(1, 30_000);
  });

  it('counts the folder no more after the first start, and belongs to one environment', async () => {
    world = await World.start();
    const first = await world.revisionOnStream(1);
    await world.services.pop()!.stop();
    for (const { name, text } of otherLimit(9)) {
      mkdirSync(dirname(world.file(`policy/${name}`)), { recursive: true });
      writeFileSync(world.file(`policy/${name}`), text);
    }
    await world.startService({ POLICY_DIR: world.file('policy') });
    expect((await world.as('audrey', 'GET', '/policy/active')).body).toMatchObject({ revision: 1, digest: first.digest });
    const { config, runtime } = { config: { policyDir: DEMO }, runtime: { ...world.service.runtime, environment: 'another' } };
    await expect(takeFirstBundle({ config, runtime } as Governance)).rejects.toThrow('a database of its own');
  });

  it('changes nothing while its clock and the database disagree', async () => {
    world = await World.start();
    const wrong = await world.startService({ CLOCK_OFFSET_MS: '120000', INSTANCE_ID: 'wrong' });
    const token = await world.issuer.token({ subject: 'ana', roles: ['enterprise-architecture'] });
    const answer = await world.call(token, 'POST', '/policy/bundles', { files: otherLimit(15) }, wrong);
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'clock-disagrees', whatToDo: expect.stringContaining('NTP') as string },
    });
    const drafted = await world.call(token, 'POST', '/policy/bundles', { files: otherLimit(15) });
    expect(drafted.status).toBe(201);
  });

  it('expires what nobody activated in time', async () => {
    world = await World.start();
    const bundle = await world.proposed('ana', otherLimit(15));
    await world.service.runtime.database.query(`update bundle set expires_at = now() - interval '1 s' where bundle_id = $1`, [
      bundle.bundleId,
    ]);
    await eventually(async () =>
      expect((await world.as('audrey', 'GET', `/policy/bundles/${bundle.bundleId}`)).body['state']).toBe('expired'),
    );
    expect((await world.approve('sam', bundle)).body).toMatchObject({ code: 'wrong-state' });
  });

  it('never changes the text of a bundle, not even in the database', async () => {
    world = await World.start();
    const { bundleId } = await world.proposed('ana', otherLimit(15));
    for (const change of [`files = '[]'`, `digest = repeat('a', 64)`, `author = 'user:x'`])
      await expect(
        world.service.runtime.database.query(`update bundle set ${change} where bundle_id = $1`, [bundleId]),
      ).rejects.toThrow('never change');
  });
});
