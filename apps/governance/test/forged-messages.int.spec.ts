import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { EVENT_TYPES, eventSubject, type PolicyActivatedV1 } from '@tieout/contracts';
import { signed } from '@tieout/signing';
import { eventually } from '@tieout/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { otherLimit, World } from './world.js';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.stop());

const say = async (body: unknown): Promise<void> => {
  const { publisher } = world.service.runtime;
  const type = EVENT_TYPES.policyActivated;
  const event = { eventId: randomUUID(), emission: 1, type, subject: eventSubject(type, world.environment), producer: 'governance' as const, time: new Date().toISOString(), bucket: 1, body }; // prettier-ignore
  expect(await publisher.publish([event])).toMatchObject([{ ok: true }]);
};

const forged = (now: PolicyActivatedV1): PolicyActivatedV1 => {
  const { keyId: _keyId, signature: _signature, ...statement } = { ...now, revision: 1_000_000, activatedBy: 'user:mallory' };
  return { ...statement, ...signed('policy-activation', statement, generateKeyPairSync('ed25519').privateKey) };
};

it.each<[string, (now: PolicyActivatedV1) => unknown]>([
  ['an activation signed by another key, of a revision that no other will reach', forged],
  ['what is no activation at all', () => 'nonsense'],
])('%s: taken away, what is in force stands there again, and the next activation comes through', async (_, make) => {
  const first = (await world.revisionOnStream(1)) as PolicyActivatedV1;
  await say(make(first));
  await eventually(async () => expect(await world.revisionOnStream(1)).toEqual(first), 30_000);
  const { policy } = world.service.runtime;
  await eventually(() => expect([policy.origin.revision, policy.refused]).toEqual([1, undefined]), 10_000);
  const bundle = await world.proposed('ana', otherLimit(15));
  await world.approve('sam', bundle);
  expect((await world.as('pia', 'POST', `/policy/bundles/${bundle.bundleId}/activate`, {})).status).toBe(200);
  expect(await world.revisionOnStream(2)).toMatchObject({ digest: bundle.digest });
  await eventually(() => expect(policy.current().digest).toBe(bundle.digest), 10_000);
});
