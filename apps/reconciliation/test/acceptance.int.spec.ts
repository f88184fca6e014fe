import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS, EVENT_TYPES, type GrantV1 } from '@tieout/contracts';
import { entryIdOf } from '@tieout/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Grants } from '@tieout/testing';
import { call, line, run, service, startWorld, stopWorld, told, world } from './world.js';

const SUBJECT = COMMANDS.acceptDifferences;
const FINN = 'user:finn';
const REASON = 'written off with the controller';
const grants = new Grants();

beforeAll(async () => {
  const keys = join(mkdtempSync(join(tmpdir(), 'tieout-keys-')), 'governance.pem');
  writeFileSync(keys, grants.publicPem);
  await startWorld({ GOVERNANCE_PUBLIC_KEYS: keys, ENVIRONMENT: 'acceptance' });
});
afterAll(() => stopWorld());

interface Shown {
  readonly differenceId: string;
  readonly reason: string;
  readonly varianceHours: string;
  readonly varianceAmount: string;
}
type Body = Readonly<Record<string, unknown>>;

const differences = async (state = 'open'): Promise<Shown[]> =>
  ((await (await call('GET', `/differences?state=${state}`)).json()) as { items: Shown[] }).items;
const post = async (path: string, body: object, roles = ['finance'], who = 'finn') => {
  const answer = await call('POST', path, body, roles, who);
  return { status: answer.status, body: (await answer.json()) as Body };
};
const accept = (differenceIds: readonly string[], reason = REASON) => post('/differences/accept', { differenceIds, reason });
const command = (differenceIds: readonly string[]) => ({ actor: FINN, differenceIds, reason: REASON });
const overNats = (differenceIds: readonly string[], grant?: GrantV1) =>
  service.runtime.questions.command<Body>(SUBJECT, { ...command(differenceIds), ...(grant && { grant }) });
const audit = (action: string) =>
  service.runtime.database.query<Body>(
    `select actor, subject_id, before, after, reason, policy_digest, coalesce((select value from audit_personal p where 'personal:' || p.commitment = a.reason), reason) as why from audit_record a where action = $1 order by at, id`,
    [action],
  );
const last = async (type: Parameters<typeof told>[0]) => (await told(type)).at(-1);
/** The destination is off so that exactly one difference is found. */
const found = async (amount: string): Promise<Shown> => {
  world.booked = [line(1), line(2, { amount })];
  expect(await run()).toMatchObject({ tiesOut: false, lines: [{ differences: 1 }] });
  const [one, ...others] = await differences();
  expect(others).toEqual([]);
  return one!;
};
const KEY = `erp|AMOUNT_DIFFERS|${entryIdOf('psa', 't2')}`;

describe('a difference below what policy lets one person accept', () => {
  let small: Shown;

  it('is accepted by one person, with a reason', async () => {
    small = await found('399.50');
    expect(small).toMatchObject({ reason: 'AMOUNT_DIFFERS', varianceHours: '0', varianceAmount: '0.5' });
    expect(await accept([small.differenceId, small.differenceId])).toEqual({ status: 200, body: { accepted: 1, refused: [] } });
    expect(await last(EVENT_TYPES.differenceResolved)).toMatchObject({ differenceKey: KEY, cause: 'accepted' });
    expect(await audit('difference.accepted')).toMatchObject([
      {
        actor: FINN,
        subject_id: KEY,
        before: { state: 'open', differenceId: small.differenceId, variance: { hours: '0', amount: '0.5' }, currency: 'EUR' },
        after: { state: 'accepted', acceptedBy: FINN, approvedBy: null },
        why: REASON,
        policy_digest: service.runtime.policy.current().digest,
      },
    ]);
  });

  it('the next run ties out and says how many were accepted, by whom and why', async () => {
    const done = await run();
    const share = { count: 1, hours: '0', amounts: { EUR: '0.5' } };
    expect(done).toMatchObject({
      tiesOut: true,
      lines: [{ legalEntityId: 'DE01', destination: 'erp', differences: 0, accepted: share }],
      accepted: [{ legalEntityId: 'DE01', destination: 'erp', acceptedBy: FINN, approvedBy: null, reason: REASON, ...share }],
    });
    expect(await last(EVENT_TYPES.runCompleted)).toMatchObject({ tiesOut: true, lines: [{ differences: 0, accepted: share }] });
    expect(await differences()).toEqual([]);
    expect(await differences('accepted')).toMatchObject([{ differenceId: small.differenceId, acceptedBy: FINN }]);
    expect(await told(EVENT_TYPES.differenceFound)).toHaveLength(1);
  });

  it('accepted once more, or unknown: left alone, and said why', async () => {
    const unknown = randomUUID();
    expect((await accept([small.differenceId, unknown])).body).toEqual({
      accepted: 0,
      refused: [
        { differenceId: small.differenceId, why: 'it is accepted already' },
        { differenceId: unknown, why: 'no difference is like that now: it never was, or it has changed since' },
      ],
    });
  });

  it('is open again when somebody says so', async () => {
    const opened = () => post('/differences/reopen', { differenceIds: [small.differenceId], reason: 'found the invoice' });
    expect(await opened()).toEqual({ status: 200, body: { reopened: 1, refused: [] } });
    expect((await opened()).body).toMatchObject({ reopened: 0, refused: [{ why: 'it is open already' }] });
    expect(await audit('difference.reopened')).toMatchObject([
      { actor: FINN, before: { state: 'accepted', acceptedBy: FINN }, after: { state: 'open' }, why: 'found the invoice' },
    ]);
    expect(await told(EVENT_TYPES.differenceFound)).toHaveLength(2);
    expect(await run()).toMatchObject({ tiesOut: false, accepted: [], lines: [{ differences: 1, accepted: { count: 0 } }] });
  });
});

describe('an accepted difference whose variance changes', () => {
  it('is open again, for everybody to see', async () => {
    const before = await found('399');
    await accept([before.differenceId]);
    expect(await run()).toMatchObject({ tiesOut: true });
    const tolds = (await told(EVENT_TYPES.differenceFound)).length;
    const after = await found('398');
    expect(after.differenceId).not.toBe(before.differenceId);
    expect(await told(EVENT_TYPES.differenceFound)).toHaveLength(tolds + 1);
    expect(await audit('difference.changed')).toMatchObject([
      {
        actor: 'service:reconciliation',
        before: { state: 'accepted', acceptedBy: FINN, variance: { amount: '1' } },
        after: { state: 'open', differenceId: after.differenceId, variance: { amount: '2' } },
      },
    ]);
    // What was seen before it changed cannot be accepted any more.
    expect((await accept([before.differenceId])).body).toMatchObject({ accepted: 0, refused: [{ why: expect.stringContaining('has changed') as string }] }); // prettier-ignore
  });

  it('is not accepted by having been so once: gone and back, it is open', async () => {
    const [one] = await differences();
    await accept([one!.differenceId]);
    world.booked = [line(1), line(2)];
    expect(await run()).toMatchObject({ tiesOut: true, accepted: [], lines: [{ accepted: { count: 0 } }] });
    expect(await last(EVENT_TYPES.differenceResolved)).toMatchObject({ differenceKey: KEY, cause: 'gone' });
    expect((await found('398')).differenceId).toBe(one!.differenceId);
  });
});

describe('a difference above what policy lets one person accept', () => {
  let big: Shown;
  const refused = async (grant: GrantV1) => {
    await expect(overNats([big.differenceId], grant)).rejects.toMatchObject({ status: 403, code: 'grant-refused' });
    const { body } = await post('/differences/accept', { differenceIds: [big.differenceId], reason: REASON, grant });
    expect(body).toMatchObject({ code: 'grant-refused' });
    expect(await differences()).toHaveLength(1);
  };

  it('waits for a second person: nothing is written, and what to ask governance for stands in the answer', async () => {
    big = await found('150');
    const needed = {
      code: 'second-person-needed',
      subject: SUBJECT,
      command: { differenceIds: [big.differenceId], reason: REASON },
      size: { lines: 1, hours: '0', amounts: { EUR: '250' } },
    };
    const answer = await accept([big.differenceId]);
    expect(answer).toMatchObject({ status: 409, body: needed });
    await expect(overNats([big.differenceId])).rejects.toMatchObject({ status: 409, code: 'second-person-needed', body: needed });
    expect(await differences()).toHaveLength(1);
  });

  it.each<[string, () => GrantV1]>([
    ['that the same person gave', () => grants.for(SUBJECT, command([big.differenceId]), { approvedBy: FINN })],
    ['signed by another key', () => new Grants().for(SUBJECT, command([big.differenceId]))],
    ['for other differences', () => grants.for(SUBJECT, command([randomUUID()]))],
    ['for another reason', () => grants.for(SUBJECT, { ...command([big.differenceId]), reason: 'small' } as ReturnType<typeof command>)],
    ['given to somebody else', () => grants.for(SUBJECT, { ...command([big.differenceId]), actor: 'user:fay' })],
  ])('a grant %s does not count', (_, grant) => refused(grant())); // prettier-ignore

  it('is accepted with a grant, once; both people stand in the audit and in the run', async () => {
    const grant = grants.for(SUBJECT, command([big.differenceId]));
    expect(await overNats([big.differenceId], grant)).toEqual({ accepted: 1, refused: [] });
    await expect(overNats([big.differenceId], grant)).rejects.toMatchObject({ code: 'grant-used' });
    expect((await audit('difference.accepted')).at(-1)).toMatchObject({
      actor: FINN,
      after: { acceptedBy: FINN, approvedBy: 'user:otto', requestId: grant.requestId },
    });
    expect((await audit('grant.used')).at(-1)).toMatchObject({ after: { requestedBy: FINN, approvedBy: 'user:otto' } });
    expect(await run()).toMatchObject({ tiesOut: true, accepted: [{ acceptedBy: FINN, approvedBy: 'user:otto', count: 1 }] });
  });

  it('a grant for what has changed since changes nothing', async () => {
    const grant = grants.for(SUBJECT, command([big.differenceId]));
    const changed = await found('100');
    expect(await overNats([big.differenceId], grant)).toMatchObject({
      accepted: 0,
      refused: [{ differenceId: big.differenceId }],
    });
    expect((await differences()).map(({ differenceId }) => differenceId)).toEqual([changed.differenceId]);
  });
});

it('a missing hour that is accepted is no longer on its way', async () => {
  world.booked = [line(1)];
  await run();
  const [one] = await differences();
  expect(one).toMatchObject({ reason: 'MISSING_IN_DESTINATION', varianceHours: '8', varianceAmount: '400' });
  await overNats([one!.differenceId], grants.for(SUBJECT, command([one!.differenceId])));
  expect(await run()).toMatchObject({
    tiesOut: true,
    lines: [{ differences: 0, inFlight: { count: 0 }, accepted: { count: 1, hours: '8', amounts: { EUR: '400' } } }],
  });
});

it.each([
  ['/differences/accept', ['operator'], {}, 403],
  ['/differences/reopen', ['operator'], {}, 403],
  ['/differences/accept', ['finance'], { reason: 'x' }, 400],
  ['/differences/accept', ['finance'], { differenceIds: [] }, 400],
  ['/differences/accept', ['finance'], { differenceIds: Array.from({ length: 1001 }, () => randomUUID()) }, 400],
  ['/differences/reopen', ['finance'], { differenceIds: ['nothing'] }, 400],
])('POST %s as %j with %j: refused', async (path, roles, more, status) => {
  expect((await post(path, { differenceIds: [randomUUID()], reason: REASON, ...more }, roles)).status).toBe(status);
});
