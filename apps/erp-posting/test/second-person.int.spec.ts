import { randomUUID } from 'node:crypto';
import type { PostingLine } from '@tieout/connector-kit';
import { FEED_COMMANDS, type GrantV1 } from '@tieout/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { hours } from './builders.js';
import { Grants } from '@tieout/testing';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

const SUBJECTS = FEED_COMMANDS.posting;
const OLGA = { actor: 'user:olga' as const };
const real = { ...OLGA, dryRun: false };
/** Whatever touches more than one line needs a second person. */
const MORE_THAN_ONE = { secondPerson: (_: string, { lines }: { lines: number }) => lines > 1 };

const theirs = (workDate: string) =>
  ({ postingKey: `old-${workDate}`, workerCode: 'E1', projectCode: 'P1', workDate, hours: '8', amount: '400', account: '5999', balancingAccount: '2999' }) as unknown as PostingLine; // prettier-ignore

type Ask = (more?: { grant?: GrantV1 }) => Promise<unknown>;
interface Prepared {
  readonly subject: string;
  readonly command: { readonly actor: string };
  readonly ask: Ask;
  readonly lines: number;
}

const twoRejected = async (): Promise<string[]> => {
  world.erp.refuses = () => 'unknown project';
  await world.take([1, 1, hours('8')], [2, 1, hours('4')]);
  await world.settle();
  world.erp.refuses = () => undefined;
  const rows = await world.database.query<{ key: string }>('select posting_key as key from posting order by 1');
  return rows.map(({ key }) => key);
};
const create = async (protocol: Parameters<typeof World.create>[0]): Promise<void> => {
  world = await World.create(protocol);
  world.policy = MORE_THAN_ONE;
  world.process = world.newProcess();
};

/** Each operation in a situation where it would touch two lines. */
const SITUATIONS: Record<string, () => Promise<Prepared>> = {
  retry: async () => {
    await create('idempotency-key');
    const command = { ...OLGA, postingKeys: await twoRejected() };
    return { subject: SUBJECTS.retry, command, ask: (more) => world.process.operations.retry({ ...command, ...more }), lines: 2 };
  },
  replay: async () => {
    await create('idempotency-key');
    await twoRejected();
    const command = { ...real, by: 'destination' as const, destination: 'erp' };
    return { subject: SUBJECTS.replay, command, ask: async (more) => world.process.operations.replay({ ...command, ...more }), lines: 2 };
  },
  adopt: async () => {
    await create('idempotency-key');
    world.erp.bookStrange({
      legalEntityId: 'US01',
      postingPeriod: '2026-11',
      postingDate: '2026-11-05',
      currency: 'USD',
      lines: ['2026-11-03', '2026-11-04'].map((workDate) => theirs(workDate)),
    });
    await world.take([1, 1, hours('8')], [2, 1, hours('8', { workDate: '2026-11-04' })]);
    await world.process.planAndFreeze();
    const command = { ...real, destination: 'erp', from: '2026-11-01', to: '2026-11-30' };
    return { subject: SUBJECTS.adopt, command, ask: (more) => world.process.operations.adopt({ ...command, ...more }), lines: 2 };
  },
  settle: async () => {
    await create('none');
    world.erp.mishaps.push('lost-after');
    await world.take([1, 1, hours('8')], [2, 1, hours('4')]);
    await world.process.round();
    const [row] = await world.database.query<{ key: string }>(`select document_key as key from document where state = 'unknown'`);
    const command = { ...OLGA, documentKey: row!.key, verdict: 'booked' as const, externalId: 'B1' };
    return { subject: SUBJECTS.settle, command, ask: async (more) => world.process.operations.settle({ ...command, ...more }), lines: 2 };
  },
  'reverse-surplus': async () => {
    await create('look-up');
    await world.take([1, 1, hours('8')], [2, 1, hours('4')]);
    await world.settle();
    for (const { document, lines } of [...world.erp.bookings]) world.erp.book(document, 'posted', lines);
    const postingKeys = [...new Set(world.erp.postedLines().map((line) => line.postingKey))];
    const command = { ...real, postingKeys };
    return { subject: SUBJECTS.reverseSurplus, command, ask: (more) => world.process.operations.reverseSurplus({ ...command, ...more }), lines: 2 };
  },
}; // prettier-ignore

const everything = async (): Promise<unknown> => ({
  postings: await world.database.query(`select * from posting order by posting_key`),
  documents: await world.database.query(`select document_key, state, external_id from document order by document_key`),
  audit: await world.database.query(`select count(*) from audit_record`),
  grants: await world.database.query(`select request_id from used_grant`),
});

describe.each(Object.keys(SITUATIONS))('%s of more than policy lets one person do', (name) => {
  it('writes nothing and says what a second person must agree to', async () => {
    const { subject, command, ask, lines } = await SITUATIONS[name]!();
    const before = await everything();
    const { actor: _, ...asked } = command;
    await expect(ask()).rejects.toMatchObject({
      status: 409,
      code: 'second-person-needed',
      extension: { subject, command: asked, size: { lines, amounts: { USD: expect.any(String) as string } } },
    });
    expect(await everything()).toEqual(before);
  });

  it('is carried out with a grant, once; the audit names who agreed', async () => {
    const { subject, command, ask } = await SITUATIONS[name]!();
    const grant = world.process.grants.for(subject, command);
    await ask({ grant });
    const used = await world.database.query<{ actor: string; after: object }>(
      `select actor, after from audit_record where action = 'grant.used'`,
    );
    expect(used).toMatchObject([{ actor: 'user:olga', after: { approvedBy: 'user:otto', requestedBy: 'user:olga', size: { lines: 2 } } }]); // prettier-ignore
    // A document that is settled asks for no grant any more.
    if (name === 'settle') expect(await ask({ grant })).toMatchObject({ settled: false });
    else await expect(ask({ grant })).rejects.toMatchObject({ code: 'grant-used' });
  });

  it('is refused with a grant of somebody else’s key, for another command or by the one who asked', async () => {
    const { subject, command, ask } = await SITUATIONS[name]!();
    const before = await everything();
    const { grants } = world.process;
    const bad = [
      new Grants().for(subject, command),
      grants.for(subject, { ...command, postingKeys: [randomUUID()] } as Prepared['command']),
      grants.for(SUBJECTS.restore, command),
      grants.for(subject, command, { approvedBy: 'user:olga' }),
      grants.for(subject, command, { requestedBy: 'user:frida' }),
      grants.for(subject, command, { expiresAt: '2026-01-01T00:00:00.000Z' }),
    ];
    for (const grant of bad) await expect(ask({ grant })).rejects.toMatchObject({ status: 403, code: 'grant-refused' });
    expect(await everything()).toEqual(before);
  });
});

it('a small one needs nobody', async () => {
  await create('idempotency-key');
  const [key] = await twoRejected();
  expect(await world.process.operations.retry({ ...OLGA, postingKeys: [key!] })).toMatchObject({ retried: 1 });
});

it('a grant whose command failed on the way may be used again', async () => {
  const { subject, command, ask } = await SITUATIONS['replay']!();
  const grant = world.process.grants.for(subject, command);
  const { notices } = world.process.ledger;
  const { wake } = notices;
  Object.assign(notices, { wake: () => Promise.reject(new Error('the database is gone')) });
  await expect(ask({ grant })).rejects.toThrow('the database is gone');
  Object.assign(notices, { wake });
  expect(await ask({ grant })).toMatchObject({ linesToRetry: 2 });
});
