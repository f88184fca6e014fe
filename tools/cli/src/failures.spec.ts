import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeServices, problem, status } from '../test/fake-services.js';

const LIST = ['contracts', 'list'];
const GOOD = { 'GET governance/contracts': { items: [] }, 'POST idp/token': { access_token: 'of-a-person' } };

let services: FakeServices;
let folder: string;
beforeAll(async () => {
  services = await FakeServices.start();
  folder = mkdtempSync(join(tmpdir(), 'tieout-cli-'));
  mkdirSync(join(folder, '.tieout/demo'), { recursive: true });
  mkdirSync(join(folder, 'apps/erp'), { recursive: true });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await services.stop();
});

const profile = (more: object = {}, name = '.tieout/demo/cli.json', secret: unknown = { clientSecret: 'hush-hush' }): string => {
  const file = join(folder, name);
  writeFileSync(join(folder, '.tieout/demo/secrets.json'), typeof secret === 'string' ? secret : JSON.stringify(secret));
  writeFileSync(
    file,
    JSON.stringify({
      environment: 'local',
      issuer: `${services.url}/idp`,
      services: { governance: `${services.url}/governance/` },
      clients: ['tieout-cli', 'ana-architect', 'finn-finance', 'fay-finance'],
      secretFile: 'secrets.json',
      ...more,
    }),
  );
  return file;
};
const here = (args: readonly string[], answers: object = GOOD, env: Record<string, string> = {}, cwd = folder) =>
  services.tieout(args, answers as Record<string, unknown>, env, cwd);

describe('who asks', () => {
  beforeEach(() => void profile());

  it('is the first client of the profile that the local runner wrote, found from any folder below', async () => {
    services.tokens.length = 0;
    const { code, asked, err } = await here(LIST, GOOD, {}, join(folder, 'apps/erp'));
    expect([code, err]).toEqual([0, '']);
    expect(asked[0]).toContain('client_id=tieout-cli&client_secret=hush-hush');
    expect(services.tokens).toEqual([undefined, 'Bearer of-a-person']);
  });

  it.each([
    ['ana-architect', 'ana-architect'],
    ['finn', 'finn-finance'],
  ])('with --as %s is %s, wherever the option stands', async (name, client) => {
    for (const args of [
      ['--as', name, ...LIST],
      [...LIST, '--as', name],
    ])
      expect((await here(args)).asked[0]).toContain(`client_id=${client}&`);
  });

  it.each([
    ['f', '"f" is not clear'],
    ['zoe', '"zoe" is nobody'],
  ])('with --as %s is refused: %s', async (name, why) => {
    const { code, err } = await here(['--as', name, ...LIST]);
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
    expect(err).toContain('tieout-cli, ana-architect, finn-finance, fay-finance');
  });

  it('is whoever the token in TIEOUT_TOKEN is, and --as does not go with it', async () => {
    const { code, asked } = await here(LIST, GOOD, { TIEOUT_TOKEN: 't' });
    expect([code, asked]).toEqual([0, ['GET governance/contracts']]);
    expect((await here(['--as', 'ana', ...LIST], GOOD, { TIEOUT_TOKEN: 't' })).code).toBe(2);
  });
});

describe('where Tieout is', () => {
  it('says the profile that is named, or TIEOUT_PROFILE; an address in the environment wins', async () => {
    const file = profile({ services: { governance: `${services.url}/elsewhere` } }, '.tieout/demo/other.json');
    const answers = { ...GOOD, 'GET elsewhere/contracts': { items: [] } };
    for (const [args, env] of [
      [['--profile', file, ...LIST], {}],
      [LIST, { TIEOUT_PROFILE: file }],
    ] as const)
      expect((await here(args, answers, env)).asked.at(-1)).toBe('GET elsewhere/contracts');
    const { asked } = await here(LIST, answers, { TIEOUT_PROFILE: file, TIEOUT_URL_GOVERNANCE: `${services.url}/governance` });
    expect(asked.at(-1)).toBe('GET governance/contracts');
  });

  it('is shown with everything but the secret', async () => {
    profile();
    for (const args of [['profile'], ['profile', '--json']]) {
      const { code, out } = await here(args);
      expect(code).toBe(0);
      expect(out).toContain('fay-finance');
      expect(out).toContain('http://fake/governance');
      expect(out).not.toContain('hush');
    }
  });
});

describe('what is wrong before anything is asked', () => {
  it.each<[string, () => string, string]>([
    ['a profile that is not there', () => join(folder, 'none.json'), 'there is no profile'],
    ['a profile that is not JSON', () => (writeFileSync(join(folder, 'x.json'), 'x: 1'), join(folder, 'x.json')), 'is not JSON'],
    ['an address that is missing', () => profile({ services: {} }), 'no address of governance is known'],
    ['a secret that is missing', () => profile({ secretFile: 'none.json' }), 'no clientSecret can be read from'],
    ['no clients', () => profile({ clients: [] }), 'names no client'],
    ['no secretFile', () => profile({ secretFile: undefined }), 'names no secretFile'],
  ])('%s: exit 2', async (_, make, why) => {
    const { code, err, asked } = await here(['--profile', make(), ...LIST]);
    expect([code, asked]).toEqual([2, []]);
    expect(err).toMatch(/^error: .+\ntry: {3}.+\n$/);
    expect(err).toContain(why);
  });

  it('a secret file that is none is not shown', async () => {
    const { err } = await here(['--profile', profile({}, '.tieout/demo/cli.json', 'hush-hush'), ...LIST]);
    expect(err).toContain('no clientSecret');
    expect(err).not.toContain('hush-hush');
  });

  it.each([
    [['nonsense'], 'unknown command'],
    [['policy'], 'Usage: tieout policy'],
    [['replay', '--destination'], 'argument missing'],
    [['settle', 'x'], 'expected an id'],
    [['calendar', 'show', '--from', 'tomorrow'], 'expected an instant'],
    [['adopt', '--destination', 'd', '--from', '2026-13-01', '--to', '2026-11-01'], 'expected a date'],
    [['policy', 'list', '--limit', '0'], 'expected a whole number from 1 to 500'],
    [['policy', 'list', '--state', 'x'], 'Allowed choices are draft'],
    [['entry', 'lineage', 'psa:'], 'names no entry'],
  ])('%j: exit 2', async (args, why) => {
    profile();
    const { code, err } = await here(args);
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  });

  it('help is no mistake, and names the exit codes', async () => {
    const { code, out } = await here(['--help']);
    expect([code, out]).toEqual([0, expect.stringContaining('3   the service refused, and said why')]);
    expect((await here(['help', 'profile'])).out).toContain('TIEOUT_URL_<SERVICE>');
    expect((await here(['policy', 'approve', '--help'])).out).toContain('--as <person>');
  });
});

describe('what services answer', () => {
  beforeEach(() => void profile());
  const answered = (answer: unknown) => here(LIST, { ...GOOD, 'GET governance/contracts': answer });

  it('a refusal is shown with everything in it', async () => {
    const { code, err } = await answered(
      problem(409, 'frozen', {
        title: 'Changes are frozen',
        detail: 'The close of November runs.',
        whatToDo: 'Wait until 2 December.',
        errors: [{ where: 'calendars.yaml:3:5', why: 'the close' }],
        traceId: 'abc',
      }),
    );
    expect([code, err]).toEqual([
      3,
      'error: governance: Changes are frozen: The close of November runs.\n  calendars.yaml:3:5: the close\ntry:   Wait until 2 December.\ntrace: abc\n',
    ]);
  });

  it.each([
    [401, 'token-refused', 5],
    [403, 'role-missing', 3],
    [404, 'http-404', 3],
    [409, 'conflict', 3],
    [422, 'operation-refused', 3],
    [500, 'internal', 70],
    [503, 'unavailable', 4],
    [504, 'outcome-unknown', 4],
  ])('%i %s: exit %i', async (http, name, exit) => {
    const { code, err } = await answered(problem(http, name));
    expect([code, err]).toEqual([exit, 'error: governance: No: It is so.\ntry:   Do otherwise.\n']);
    const json = await here([...LIST, '--json'], { ...GOOD, 'GET governance/contracts': problem(http, name) });
    expect(json.out).toBe('');
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: name, exitCode: exit } });
  });

  it('an answer without problem details, or one that is no JSON, is told as such', async () => {
    expect(await answered(status(418, 'teapot'))).toMatchObject({ code: 3, err: 'error: governance: HTTP 418\n' });
    expect(await answered(status(200, '<html>'))).toMatchObject({ code: 70, err: expect.stringContaining('not JSON') as string });
  });

  it('a path that ends is told on standard error, and the answer counts', async () => {
    const sunset = 'Tue, 01 Jun 2027 00:00:00 GMT';
    const { code, out, err } = await answered(status(200, { items: [] }, { deprecation: '@1793491200', sunset }));
    expect([code, out]).toEqual([0, 'no contract is like that\n']);
    expect(err).toBe(`note:  governance /contracts is deprecated and ends on ${sunset}; update tieout\n`);
  });
});

describe('what cannot be reached', () => {
  const free = async (): Promise<string> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return `http://127.0.0.1:${port}`;
  };

  it('a service that is away: exit 4, with its address', async () => {
    const url = await free();
    const { code, err } = await here(['--profile', profile({ services: { governance: url } }), ...LIST]);
    expect(code).toBe(4);
    expect(err).toContain(`error: governance at ${url} cannot be reached`);
    expect(err).toContain('npm start');
  });

  it('an identity provider that is away: exit 4; one that gives no token: exit 5', async () => {
    const away = await here(['--profile', profile({ issuer: await free() }), ...LIST]);
    expect([away.code, away.err]).toEqual([4, expect.stringContaining('the identity provider')]);
    const refused = { ...GOOD, 'POST idp/token': status(401, { error: 'invalid_client' }) };
    const { code, err } = await here(['--profile', profile(), ...LIST], refused);
    expect([code, err]).toEqual([5, expect.stringContaining('gives tieout-cli no token (401, invalid_client)')]);
    expect(err).not.toContain('hush');
  });

  it('nothing known at all: exit 2 without an address, exit 5 without a token', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tieout-cli-empty-'));
    expect((await here(LIST, {}, {}, empty)).code).toBe(2);
    expect((await here(LIST, {}, { TIEOUT_URL_GOVERNANCE: services.url }, empty)).code).toBe(5);
    rmSync(empty, { recursive: true });
  });
});
