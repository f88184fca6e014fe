import { commandDigest, FEED_COMMANDS, type GrantV1 } from '@tieout/contracts';
import { isSignedBy } from '@tieout/signing';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { World } from './world.js';

const { replay, lock } = FEED_COMMANDS.posting;
const command = { by: 'destination', destination: 'erp', dryRun: false };

let world: World;
let answer: object = { response: { replayed: 40 }, isDisposed: true };
let deaf = false;
const heard: { data: Record<string, unknown> & { grant: GrantV1 } }[] = [];

beforeAll(async () => {
  world = await World.start();
  // The service that carries it out.
  world.service.runtime.link.nc.subscribe(replay, {
    callback: (_error, message) => {
      heard.push(message.json());
      if (!deaf) message.respond(JSON.stringify(answer));
    },
  });
});
afterAll(() => world.stop());
beforeEach(() => void (heard.length = 0));

const open = async (more: object = {}) =>
  world.as('olga', 'POST', '/requests', {
    subject: replay,
    command,
    size: { lines: 40, amounts: { EUR: '12000.00' } },
    why: 'after the outage',
    ...more,
  });
const requestId = ({ body }: Awaited<ReturnType<typeof open>>): string => body['requestId'] as string;
const become = (id: string, expected: object): Promise<void> =>
  eventually(async () => expect((await world.as('audrey', 'GET', `/requests/${id}`)).body).toMatchObject(expected), 30_000);

describe('a command that wants a second person', () => {
  it('is sent with a signed grant, as the person who asked, once another person approved', async () => {
    const opened = await open();
    expect(opened).toMatchObject({
      status: 201,
      body: { state: 'open', requestedBy: 'user:olga', commandDigest: commandDigest(replay, command) },
    });
    const approved = await world.as('otto', 'POST', `/requests/${requestId(opened)}/approve`, {});
    expect([approved.status, approved.body['state']]).toEqual([202, 'approved']);
    await become(requestId(opened), { state: 'done', outcome: { replayed: 40 }, approvedBy: 'user:otto' });
    expect(heard).toHaveLength(1);
    const { grant, ...sent } = heard[0]!.data;
    expect(sent).toEqual({ ...command, actor: 'user:olga' });
    const { keyId, signature, ...statement } = grant;
    expect(isSignedBy('grant', statement, { keyId, signature }, [world.keys.publicKey])).toBe(true);
    expect(statement).toMatchObject({
      requestId: requestId(opened),
      commandDigest: commandDigest(replay, heard[0]!.data),
      requestedBy: 'user:olga',
      approvedBy: 'user:otto',
    });
    const rows = await world.service.runtime.database.query(
      'select action, actor from audit_record where subject_id = $1 order by at',
      [requestId(opened)],
    );
    expect(rows).toEqual([
      { action: 'request.opened', actor: 'user:olga' },
      { action: 'request.approved', actor: 'user:otto' },
      { action: 'request.carried-out', actor: 'service:governance' },
    ]);
  });

  it('is denied to whoever asked, and to those without the role', async () => {
    const id = requestId(await open());
    const token = await world.issuer.token({ subject: 'olga', roles: ['finance', 'operator'] });
    expect((await world.call(token, 'POST', `/requests/${id}/approve`, {})).body.code).toBe('self-approval');
    expect((await world.as('ana', 'POST', `/requests/${id}/approve`, {})).body.code).toBe('role-not-held');
    const another = { commandDigest: 'a'.repeat(64) };
    expect((await world.as('fay', 'POST', `/requests/${id}/approve`, another)).body.code).toBe('another-digest');
    expect((await world.as('fay', 'POST', `/requests/${id}/reject`, { why: 'too much' })).body['state']).toBe('rejected');
    expect((await world.as('fay', 'POST', `/requests/${id}/approve`, {})).body.code).toBe('wrong-state');
    expect(heard).toEqual([]);
  });

  it('asks for whoever holds the token: an actor or grant in the body counts for nothing', async () => {
    const opened = await open({ command: { ...command, actor: 'user:finn', grant: { approvedBy: 'user:finn' } } });
    expect(opened.body).toMatchObject({ requestedBy: 'user:olga', command, commandDigest: commandDigest(replay, command) });
  });

  it.each([
    ['a subject that is none', { subject: 'cmd.posting.nonsense.v1' }, 422, 'command-not-known'],
    ['a command that needs nobody', { subject: lock, command: { destination: 'erp', reason: 'x' } }, 422, 'command-not-known'],
    ['a command with wrong fields', { command: { by: 'nonsense' } }, 422, 'command-wrong'],
    ['a size that is none', { size: { lines: 1, amounts: { EUR: 'a trifle' } } }, 400, 'invalid-request'],
    ['no reason', { why: '' }, 400, 'invalid-request'],
  ])('%s is refused before anybody looks at it', async (_what, more, status, code) => {
    const refused = await open(more);
    expect([refused.status, refused.body.code]).toEqual([status, code]);
  });

  it('keeps what the service answered when it will not', async () => {
    answer = { err: { status: 409, title: 'Locked', detail: 'erp is locked', code: 'destination-locked' }, isDisposed: true };
    const id = requestId(await open());
    await world.as('fay', 'POST', `/requests/${id}/approve`, {});
    await become(id, { state: 'failed', outcome: { status: 409, code: 'destination-locked', detail: 'erp is locked' } });
  });

  it('counts as carried out when the service says that the grant is spent: its answer was lost', async () => {
    answer = { err: { status: 409, title: 'The grant is used up', detail: '', code: 'grant-used' }, isDisposed: true };
    const id = requestId(await open());
    await world.as('fay', 'POST', `/requests/${id}/approve`, {});
    await become(id, { state: 'done' });
  });

  it('is sent again where what the service needs is away', async () => {
    answer = {
      err: { status: 503, title: 'Something this service needs is away', detail: '', code: 'unavailable' },
      isDisposed: true,
    };
    const id = requestId(await open());
    await world.as('otto', 'POST', `/requests/${id}/approve`, {});
    await eventually(() => expect(heard).toHaveLength(1), 10_000);
    answer = { response: { replayed: 40 }, isDisposed: true };
    await become(id, { state: 'done', outcome: { replayed: 40 } });
    expect(heard).toHaveLength(2);
    expect(heard[1]!.data.grant).toEqual(heard[0]!.data.grant);
  });

  it('is sent again where the service was away, and given up when the approval is too old', async () => {
    answer = { response: {}, isDisposed: true };
    const { database } = world.service.runtime;
    const id = requestId(await open());
    deaf = true;
    await world.as('fay', 'POST', `/requests/${id}/approve`, {});
    await eventually(() => expect(heard.length).toBeGreaterThan(0));
    deaf = false;
    // As if the lease of the replica that sent it, and died, were over.
    await database.query(`update operator_request set next_try_at = now() where request_id = $1`, [id]);
    await become(id, { state: 'done' });

    const old = requestId(await open());
    deaf = true;
    await world.as('fay', 'POST', `/requests/${old}/approve`, {});
    await eventually(() => expect(heard.length).toBe(3));
    await database.query(
      `update operator_request set next_try_at = now(), grant_expires_at = now() - interval '1 s' where request_id = $1`,
      [old],
    );
    await become(old, { state: 'failed', outcome: null });
  });

  it('expires after a day', async () => {
    const id = requestId(await open());
    await world.service.runtime.database.query(`update operator_request set expires_at = now() where request_id = $1`, [id]);
    await become(id, { state: 'expired', closing: { by: 'service:governance' } });
  });
});
