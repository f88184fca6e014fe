import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLines, genesis, type ExportLine } from '@tieout/audit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachCommand } from '../../test/each-command.js';
import { FakeServices, problem, status } from '../../test/fake-services.js';

const ours = generateKeyPairSync('ed25519');
const theirs = generateKeyPairSync('ed25519');

let services: FakeServices;
let folder: string;
let exported: string;
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
async function* none(): AsyncGenerator<Extract<ExportLine, { kind: 'record' | 'checkpoint' | 'personal' }>> {}

beforeAll(async () => {
  services = await FakeServices.start();
  folder = mkdtempSync(join(tmpdir(), 'tieout-cli-'));
  const lines: string[] = [];
  const at = '2026-11-23T12:00:00.000Z';
  for await (const line of exportLines({ at, from: [genesis('time/DE01')], lines: none(), privateKey: ours.privateKey }))
    lines.push(line);
  exported = `${lines.join('\n')}\n`;
  for (const [name, { publicKey }] of [
    ['ours.pem', ours],
    ['theirs.pem', theirs],
  ] as const)
    file(name, publicKey.export({ type: 'spki', format: 'pem' }).toString());
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await services.stop();
});
const tieout = (args: string[], answers = {}, env = services.env) => services.tieout(args, answers, env, folder);

describe('audit verify', () => {
  it('needs only the export and the public key', async () => {
    file('good.ndjson', exported);
    const { code, out } = await tieout(['audit', 'verify', 'good.ndjson', '--key', 'ours.pem'], {}, {});
    expect([code, out]).toEqual([0, expect.stringMatching(/^verifies: [^]*records +0\nchains +1\n/)]);
    const json = await tieout(['audit', 'verify', 'good.ndjson', '--key', 'ours.pem', '--json'], {}, {});
    expect(JSON.parse(json.out)).toMatchObject({ ok: true, chains: 1, errors: [] });
  });

  it('takes the key that the profile names', async () => {
    const profile = file('profile.json', JSON.stringify({ services: {}, publicKeys: 'ours.pem' }));
    expect((await tieout(['audit', 'verify', 'good.ndjson', '--profile', profile], {}, {})).code).toBe(0);
  });

  it.each([
    ['another key', (text: string) => text, 'theirs.pem'],
    ['a changed line', (text: string) => text.replace('2026-11-23', '2026-11-22'), 'ours.pem'],
    ['a cut end', (text: string) => text.slice(0, text.indexOf('\n') + 1), 'ours.pem'],
    ['something that is no export', () => 'hello\n', 'ours.pem'],
  ])('with %s: exit 1, with the line', async (_, change, key) => {
    file('bad.ndjson', change(exported));
    const { code, out } = await tieout(['audit', 'verify', 'bad.ndjson', '--key', key], {}, {});
    expect([code, out]).toEqual([1, expect.stringMatching(/^does not verify: [^]*Wrong\n {2}line \d+: /)]);
  });

  it.each([
    [['none.ndjson', '--key', 'ours.pem'], 'there is no file'],
    [['good.ndjson'], 'no public key is known'],
    [['good.ndjson', '--key', 'good.ndjson'], 'holds no public key'],
  ])('%j: exit 2', async (args, why) => {
    const { code, err } = await tieout(['audit', 'verify', ...args], {}, {});
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  });
});

describe('audit export', () => {
  const args = ['audit', 'export', '--out', 'new.ndjson', '--chain', 'erp-posting', '--from', '2026-11-01'];

  it('writes what comes, as it comes, and never over a file', async () => {
    const path = 'GET governance/audit/export?chain=erp-posting&from=2026-11-01T00%3A00%3A00.000Z';
    const { code, out } = await tieout(args, { [path]: status(200, exported) });
    expect([code, readFileSync(join(folder, 'new.ndjson'), 'utf8')]).toEqual([0, exported]);
    expect(out).toContain('npx tieout audit verify');
    const again = await tieout(args, { [path]: status(200, 'other') });
    expect([again.code, again.asked]).toEqual([2, []]);
    expect(readFileSync(join(folder, 'new.ndjson'), 'utf8')).toBe(exported);
  });

  it('leaves nothing where the service refuses', async () => {
    const { code } = await tieout(['audit', 'export', '--out', 'no.ndjson'], {
      'GET governance/audit/export': problem(403, 'role-missing'),
    });
    expect([code, existsSync(join(folder, 'no.ndjson')), existsSync(join(folder, 'no.ndjson.partial'))]).toEqual([
      3,
      false,
      false,
    ]);
  });
});

const chain = { chain: 'time-ingestion/DE01', context: 'time', seq: 41, hash: 'f'.repeat(64), broken: null, acknowledged: null };
eachCommand('audit', [
  ['audit heads', { 'GET governance/audit/chains': { items: [chain] } }],
  [
    'audit heads',
    {
      'GET governance/audit/chains': {
        items: [
          chain,
          { ...chain, chain: 'erp-posting/DE01', broken: { why: 'record 12 is another than was signed', since: 'x', seen: {} } },
        ],
      },
    },
    1,
  ],
  [
    "audit acknowledge erp-posting/DE01 --why 'restored the backup of 22 November'",
    { 'POST governance/audit/chains/acknowledge': { kind: 'acknowledged' } },
  ],
  ["audit erase worker W-1 --why 'asked to be forgotten'"],
  ["audit erase worker W-1 --why 'asked to be forgotten' --yes", { 'POST governance/audit/erase': { erased: 12 } }],
]);
