import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, ID } from '../../test/answers.js';
import { FakeServices, problem } from '../../test/fake-services.js';

const DEMO = join(import.meta.dirname, '../../../../deploy/governance/demo');
const BUNDLES = 'governance/policy/bundles';

let services: FakeServices;
let folder: string;
beforeAll(async () => {
  services = await FakeServices.start();
  folder = mkdtempSync(join(tmpdir(), 'tieout-cli-'));
  cpSync(DEMO, join(folder, 'good'), { recursive: true });
  cpSync(DEMO, join(folder, 'bad'), { recursive: true });
  writeFileSync(join(folder, 'bad/owners.yaml'), 'x: 1\n');
  writeFileSync(join(folder, 'bad/ownership.yaml'), '# Two lines down it is wrong.\nteams: [a]\nowners: { fallback: b }\n');
  mkdirSync(join(folder, 'empty/.hidden'), { recursive: true });
  writeFileSync(join(folder, 'empty/.hidden/x.yaml'), 'x: 1\n');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await services.stop();
});
const tieout = (args: string[], answers = {}, env: Record<string, string> = {}) => services.tieout(args, answers, env, folder);

describe('policy lint', () => {
  it('needs no service and no sign-in', async () => {
    const { code, out } = await tieout(['policy', 'lint', 'good']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+ files: in order\ndigest {2}[0-9a-f]{64}\n$/)]);
    expect((await services.tieout(['policy', 'lint'], {}, {}, join(folder, 'good'))).code).toBe(0);
    expect(JSON.parse((await tieout(['policy', 'lint', 'good', '--json'])).out)).toMatchObject({ ok: true, problems: [] });
  });

  it('names file, line and column from where one stands, what is wrong and how to mend it', async () => {
    const { code, out } = await tieout(['policy', 'lint', 'bad']);
    expect(code).toBe(1);
    expect(out).toMatch(/^bad\/ownership\.yaml:3:\d+ {2}.+\n {4}fix: .+$/m);
    expect(out).toMatch(/^bad\/owners\.yaml:1:1 {2}.+\n {4}fix: .+$/m);
    expect(out).toMatch(/\n\n\d+ problems\n$/);
    const json = JSON.parse((await tieout(['policy', 'lint', 'bad', '--json'])).out) as { ok: boolean; problems: object[] };
    expect(json.ok).toBe(false);
    expect(json.problems).toContainEqual(expect.objectContaining({ file: 'ownership.yaml', line: 3 }));
  });

  it.each([
    ['no-such-folder', 'there is no folder'],
    ['empty', 'holds no .yaml file'],
  ])('of %s says what is wrong', async (name, why) => {
    const { code, err } = await tieout(['policy', 'lint', name]);
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  });
});

describe('policy propose', () => {
  it('makes a draft of the files, overlays too, and proposes it', async () => {
    const answers = {
      [`POST ${BUNDLES}`]: bundle({ state: 'draft', proposal: null, problems: [] }),
      [`POST ${BUNDLES}/${ID}/propose`]: bundle(),
    };
    mkdirSync(join(folder, 'good/legal-entities'), { recursive: true });
    writeFileSync(join(folder, 'good/legal-entities/DE01.yaml'), '# nothing\n');
    const { code, asked, err } = await tieout(['policy', 'propose', 'good', '--title', 'Grace'], answers, services.env);
    expect(code, err).toBe(0);
    const [draft, proposal] = asked.map(
      (line) => JSON.parse(line.slice(line.indexOf('{'))) as { files?: { name: string }[]; why?: string },
    );
    expect(draft?.files?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['validation.yaml', 'legal-entities/DE01.yaml']),
    );
    expect(proposal).toEqual({ why: 'Grace' });
    rmSync(join(folder, 'good/legal-entities/DE01.yaml'));
  });

  it('sends a draft that does not compile no further', async () => {
    const answers = { [`POST ${BUNDLES}`]: bundle({ state: 'draft', digest: null, proposal: null }) };
    const { code, asked, err } = await tieout(['policy', 'propose', 'bad', '--title', 'x'], answers, services.env);
    expect([code, asked.length]).toEqual([2, 1]);
    expect(err).toContain('npx tieout policy lint bad');
  });
});

describe('policy diff of a folder', () => {
  const lint = {
    ok: true,
    digest: 'd',
    problems: [],
    parts: ['validation'],
    needed: [{ part: 'validation', role: 'service-operations' }],
  };

  it('says which parts of the active policy it changes, and who approves that', async () => {
    const { code, out } = await tieout(['policy', 'diff', 'good'], { 'POST governance/policy/lint': lint }, services.env);
    expect([code, out]).toEqual([
      1,
      'changes                validation\nneeds the approval of  service-operations (validation)\n',
    ]);
    const same = { ...lint, parts: [], needed: [] };
    expect((await tieout(['policy', 'diff', 'good'], { 'POST governance/policy/lint': same }, services.env)).code).toBe(0);
  });

  it('names what is wrong where it does not compile', async () => {
    const answers = { 'POST governance/policy/lint': { ok: false, digest: null, problems: [], parts: [], needed: [] } };
    const { code, out } = await tieout(['policy', 'diff', 'bad'], answers, services.env);
    expect([code, out]).toEqual([1, expect.stringContaining('bad/ownership.yaml:3')]);
  });
});

describe('policy promote', () => {
  const certificate = {
    statement: { environment: 'test', digest: 'd', approvals: [{ actor: 'user:sam', role: 'service-operations' }] },
    keyId: 'k',
    signature: 's',
  };
  const profile = (name: string, service: string): string => {
    const file = join(folder, `${name}.json`);
    const secret = { issuer: `${services.url}/${name}-issuer`, clients: [`${name}-client`], secretFile: 'secret.json' };
    writeFileSync(file, JSON.stringify({ environment: name, services: { governance: `${services.url}/${service}` }, ...secret }));
    writeFileSync(join(folder, 'secret.json'), JSON.stringify({ clientSecret: 'hush' }));
    return file;
  };

  it('takes the certificate from the one governance to the other, signed in to each with its own token', async () => {
    const [from, to] = [profile('test', 'test-governance'), profile('production', 'production-governance')];
    const answers = {
      'POST test-issuer/token': { access_token: 'of-test' },
      'POST production-issuer/token': { access_token: 'of-production' },
      'GET test-governance/policy/active': { digest: 'd' },
      'GET test-governance/policy/promotions/d': certificate,
      'POST production-governance/policy/promotions': bundle({ promotedFrom: 'test' }),
    };
    services.tokens.length = 0;
    const args = ['policy', 'promote', 'active', '--from', from, '--to', to, '--why', 'as tested'];
    const { code, out, err, asked } = await tieout(args, answers);
    expect(code, err).toBe(0);
    expect(asked.filter((line) => !line.includes('/token'))).toEqual([
      'GET test-governance/policy/active',
      'GET test-governance/policy/promotions/d',
      `POST production-governance/policy/promotions ${JSON.stringify({ certificate, why: 'as tested' })}`,
    ]);
    expect(services.tokens.filter((token) => token !== undefined)).toEqual([
      'Bearer of-test',
      'Bearer of-test',
      'Bearer of-production',
    ]);
    expect(out).toContain('from               test\napproved there by  user:sam (service-operations)');
  });

  it('shows why the next environment refuses', async () => {
    const [from, to] = [profile('test', 'test-governance'), profile('production', 'production-governance')];
    const answers = {
      'POST test-issuer/token': { access_token: 'of-test' },
      'POST production-issuer/token': { access_token: 'of-production' },
      'GET test-governance/policy/promotions/d': certificate,
      'POST production-governance/policy/promotions': problem(403, 'promotion-refused', { detail: 'The signature is not ours.' }),
    };
    const { code, err } = await tieout(['policy', 'promote', 'd', '--from', from, '--to', to, '--why', 'as tested'], answers);
    expect([code, err]).toEqual([3, 'error: governance: No: The signature is not ours.\ntry:   Do otherwise.\n']);
  });
});
