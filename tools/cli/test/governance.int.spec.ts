import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO, RealGovernance } from './real-governance.js';

interface Bundle {
  readonly bundleId: string;
  readonly state: string;
  readonly digest: string;
}
interface Refusal {
  readonly error: { readonly code: string; readonly exitCode: number };
}

let real: RealGovernance;
beforeAll(async () => {
  real = await RealGovernance.start();
  cpSync(DEMO, real.file('bundle'), { recursive: true });
  const file = real.file('bundle/validation.yaml');
  const before = readFileSync(file, 'utf8');
  const after = before.replace(/^hoursPerEntry:.*$/m, 'hoursPerEntry: { min: 0.01, max: 15 }');
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}, 180_000);
afterAll(() => real.stop());

const as = (person: string, ...args: string[]) => real.tieout('--as', person, '--json', ...args);

describe('a change of the policy at the command line', () => {
  let bundle: Bundle;

  it('is proposed by one person', async () => {
    const proposed = await as('ana', 'policy', 'propose', 'bundle', '--title', 'Long days');
    expect(proposed.code, proposed.err).toBe(0);
    bundle = proposed.json<Bundle>();
    expect(bundle).toMatchObject({
      state: 'proposed',
      author: 'user:ana-architect',
      proposal: { why: 'Long days', parts: ['validation'] },
    });
    expect((await as('audrey', 'policy', 'diff', bundle.bundleId)).code).toBe(1);
  });

  it('is not approved by that person, by a program, or in a role that has no say', async () => {
    for (const [person, code] of [
      ['ana', 'self-approval'],
      ['tieout-cli', 'not-a-person'],
      ['pia', 'role-not-held'],
    ] as const) {
      const refused = await as(person, 'policy', 'approve', bundle.bundleId);
      expect([refused.code, refused.json<Refusal>().error.code]).toEqual([3, code]);
    }
    const early = await as('pia', 'policy', 'activate', bundle.bundleId);
    expect([early.code, early.json<Refusal>().error.code]).toEqual([3, 'wrong-state']);
    expect((await as('pia', 'policy', 'show', bundle.bundleId)).json()).toMatchObject({ state: 'proposed', approvals: [] });
  });

  it('is approved by another, and becomes active', async () => {
    const approved = await as('sam', 'policy', 'approve', bundle.bundleId, '--digest', bundle.digest.slice(0, 12));
    expect(approved.code, approved.err).toBe(0);
    expect(approved.json()).toMatchObject({
      state: 'approved',
      approvals: [{ actor: 'user:sam-service', role: 'service-operations' }],
    });
    const activated = await as('pia', 'policy', 'activate', bundle.bundleId);
    expect(activated.code, activated.err).toBe(0);
    expect((await as('pia', 'policy', 'active')).json()).toMatchObject({
      environment: 'test',
      revision: 2,
      digest: bundle.digest,
    });
    const { out } = await real.tieout('policy', 'history');
    expect(out).toMatch(/^2 .* approved +user:pia-platform +validation/m);
  });

  it('goes back by a rollback', async () => {
    const back = await as('pia', 'policy', 'rollback', '--why', 'too long after all');
    expect(back.code, back.err).toBe(0);
    expect(back.json()).toMatchObject({ revision: 3, cause: 'rollback' });
  });
});

describe('the change calendar at the command line', () => {
  it('says yes or no, and the exit code says the same', async () => {
    const answered = await real.tieout('deploy', 'check', '--service', 'erp-posting', '--json');
    const { allowed, environment, policy } = answered.json<{ allowed: boolean; environment: string; policy: object }>();
    expect([answered.code, environment]).toEqual([allowed ? 0 : 1, 'test']);
    expect(policy).toMatchObject({ environment: 'test', revision: 3 });
  });

  it('warns of another environment, and knows the services', async () => {
    const { out } = await real.tieout('deploy', 'check', '--service', 'erp-posting', '--env', 'production');
    expect(out).toContain('note: this is by the policy that is active in "test"');
    const unknown = await as('pia', 'deploy', 'check', '--service', 'erp');
    expect([unknown.code, unknown.json<Refusal>().error.code]).toEqual([3, 'unknown-service']);
  });

  it('is shown', async () => {
    const { code, json, err } = await as('audrey', 'calendar', 'show', '--days', '60');
    expect(code, err).toBe(0);
    expect(json<{ items: object[] }>().items.length).toBeGreaterThan(0);
  });
});

it('contracts are listed by owner and consumer', async () => {
  const { code, json } = await as(
    'audrey',
    'contracts',
    'list',
    '--owner',
    'governance',
    '--consumer',
    'time',
    '--kind',
    'event',
  );
  expect([code, json<{ items: { id: string }[] }>().items.map(({ id }) => id)]).toEqual([
    0,
    ['governance.policy.activated.v1', 'governance.override.changed.v1'],
  ]);
});

describe('the audit at the command line', () => {
  it('is exported by an auditor and verifies with the public key; whatever is changed shows', async () => {
    await eventually(async () => {
      const { json } = await as('audrey', 'audit', 'heads');
      expect(json<{ items: { chain: string }[] }>().items.map(({ chain }) => chain)).toContain('governance/UNASSIGNED');
    }, 30_000);
    const exported = await as('audrey', 'audit', 'export', '--out', 'audit.ndjson');
    expect(exported.code, exported.err).toBe(0);
    const verified = await real.tieout('audit', 'verify', 'audit.ndjson', '--key', 'public.pem', '--json');
    expect([verified.code, verified.json()]).toEqual([0, expect.objectContaining({ ok: true, errors: [] })]);
    expect(verified.json<{ records: number }>().records).toBeGreaterThan(3);
    const text = readFileSync(real.file('audit.ndjson'), 'utf8');
    writeFileSync(real.file('forged.ndjson'), text.replaceAll('user:sam-service', 'user:ana-architect'));
    expect((await real.tieout('audit', 'verify', 'forged.ndjson')).code).toBe(1);
    expect((await as('sam', 'audit', 'export', '--out', 'no.ndjson')).json<Refusal>().error).toMatchObject({
      code: 'role-missing',
      exitCode: 3,
    });
  });
});
