import { randomUUID } from 'node:crypto';
import { EVENT_TYPES, eventSubject, type OverrideChangedV1 } from '@tieout/contracts';
import { isSignedBy } from '@tieout/signing';
import { eventually } from '@tieout/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World, type Name } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const request = (more: object = {}): object => ({
  entryId: randomUUID(),
  legalEntityId: 'DE01',
  reasons: ['DAILY_LIMIT_EXCEEDED'],
  until: inDays(30),
  why: 'go-live weekend',
  ...more,
});

interface Shown {
  readonly overrideId: string;
  readonly digest: string;
  readonly state: string;
  readonly [more: string]: unknown;
}
const asked = async (more: object = {}): Promise<Shown> => {
  const { status, body } = await world.as('olga', 'POST', '/overrides', request(more));
  expect([status, body.code]).toEqual([201, undefined]);
  return body as unknown as Shown;
};
const approve = (name: Name, { overrideId, digest }: Shown) =>
  world.as(name, 'POST', `/overrides/${overrideId}/approve`, { digest });
const onStream = async (entryId: string): Promise<OverrideChangedV1 | undefined> =>
  (await world.service.runtime.publisher.lastOf('GOVERNANCE', eventSubject(EVENT_TYPES.overrideChanged, entryId)))?.body as
    OverrideChangedV1 | undefined;
const become = (entryId: string, expected: object): Promise<OverrideChangedV1> =>
  eventually(async () => {
    const message = await onStream(entryId);
    expect(message).toMatchObject(expected);
    return message!;
  }, 30_000);

describe('a one-off override', () => {
  it('takes effect when finance approved it, signed, and ends by hand', async () => {
    const entryId = randomUUID();
    const override = await asked({ entryId });
    expect(override).toMatchObject({ state: 'requested', requestedBy: 'user:olga' });
    expect((await approve('sam', override)).body.code).toBe('role-not-held');
    expect((await approve('finn', override)).body['state']).toBe('active');
    const { keyId, signature, ...statement } = await become(entryId, { state: 'active', revision: 1, approvedBy: 'user:finn' });
    expect(isSignedBy('override', statement, { keyId, signature }, [world.keys.publicKey])).toBe(true);
    const ended = await world.as('olga', 'POST', `/overrides/${override.overrideId}/end`, { why: 'entry was corrected' });
    expect(ended.body['state']).toBe('ended');
    await become(entryId, { state: 'ended', revision: 2 });
    // The next one for the same entry stands above all that was said before, or the stream would drop it.
    await approve('fay', await asked({ entryId }));
    await become(entryId, { state: 'active', revision: 3, approvedBy: 'user:fay' });
  });

  it('is denied to whoever asked for it, whatever roles they have', async () => {
    const override = await asked();
    const token = await world.issuer.token({ subject: 'olga', roles: ['operator', 'finance'] });
    const answer = await world.call(token, 'POST', `/overrides/${override.overrideId}/approve`, { digest: override.digest });
    expect([answer.status, answer.body.code]).toEqual([403, 'self-approval']);
  });

  it.each([
    ['for what policy lets nobody pass', { reasons: ['PERIOD_CLOSED'] }, 403, 'not-waivable'],
    ['that is over', { until: inDays(-1) }, 422, 'until-out-of-range'],
    ['for years', { until: inDays(800) }, 422, 'until-out-of-range'],
    ['for no reason', { reasons: [] }, 400, 'invalid-request'],
    ['without why', { why: '' }, 400, 'invalid-request'],
  ])('%s is refused', async (_what, more, status, code) => {
    const answer = await world.as('olga', 'POST', '/overrides', request(more));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('stands once per entry', async () => {
    const entryId = randomUUID();
    const first = await asked({ entryId });
    expect((await world.as('otto', 'POST', '/overrides', request({ entryId }))).body.code).toBe('already-proposed');
    await world.as('olga', 'POST', `/overrides/${first.overrideId}/withdraw`, { why: 'x' });
    expect((await asked({ entryId })).state).toBe('requested');
    expect(await onStream(entryId)).toBeUndefined();
  });

  it('ends when its time is over', async () => {
    const entryId = randomUUID();
    const override = await asked({ entryId, until: new Date(Date.now() + 2_500).toISOString() });
    expect((await approve('finn', override)).body['state']).toBe('active');
    await become(entryId, { state: 'ended', revision: 2 });
    expect((await world.as('audrey', 'GET', `/overrides/${override.overrideId}`)).body).toMatchObject({
      state: 'ended',
      closing: { by: 'service:governance' },
    });
    expect(await world.audited('override.ended')).toContainEqual(
      expect.objectContaining({ actor: 'service:governance', subject_id: override.overrideId, legal_entity_id: 'DE01' }),
    );
  });

  it('is put back with the policy when the stream is lost', async () => {
    const entryId = randomUUID();
    await approve('finn', await asked({ entryId }));
    await become(entryId, { state: 'active' });
    await (await jetstreamManager(world.service.runtime.link.nc)).streams.delete('GOVERNANCE');
    await become(entryId, { state: 'active', revision: 1 });
  });
});
