import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PromotionCertificate } from '../src/use-cases/promote-bundle.js';
import { filesWith, otherLimit, World, type Answer } from './world.js';

let test: World;
let production: World;
beforeAll(async () => {
  test = await World.start();
  production = await World.create();
  await production.startService({ PROMOTES_FROM: test.environment, PROMOTION_KEYS: test.file('public.pem') });
});
afterAll(async () => {
  await Promise.all([test.stop(), production.stop()]);
});

const certificateOf = async (digest: string): Promise<PromotionCertificate> =>
  (await test.as('pia', 'GET', `/policy/promotions/${digest}`)).body as unknown as PromotionCertificate;
const promote = (name: 'pia' | 'paul', certificate: object, more: object = {}): Promise<Answer> =>
  production.as(name, 'POST', '/policy/promotions', { certificate, why: 'good in test', ...more });

describe('promotion', () => {
  it('takes what was approved and active in the environment before, and the authors approve it nowhere', async () => {
    const active = await test.makeActive(otherLimit(15), 'sam');
    const certificate = await certificateOf(active.digest);
    expect(certificate.statement).toMatchObject({
      environment: test.environment,
      authors: ['user:ana'],
      approvals: [{ actor: 'user:sam', role: 'service-operations' }],
    });
    const { status, body } = await promote('pia', certificate);
    expect([status, body['state']]).toEqual([201, 'proposed']);
    expect(body).toMatchObject({
      digest: active.digest,
      author: 'user:pia',
      earlierAuthors: ['user:ana'],
      promotedFrom: test.environment,
    });
    const as = async (subject: string) =>
      production.call(
        await production.issuer.token({ subject, roles: ['service-operations'] }),
        'POST',
        `/policy/bundles/${body.bundleId}/approve`,
        { digest: body.digest },
      );
    for (const author of ['ana', 'pia']) expect((await as(author)).body.code).toBe('self-approval');
    // Whoever approved it there may approve it here.
    expect((await as('sam')).body['state']).toBe('approved');
    expect((await production.activate('paul', body)).body).toMatchObject({ revision: 2, digest: active.digest });
    expect(await production.revisionOnStream(2)).toMatchObject({ environment: production.environment });
    // Each environment has its own subject and its own revisions.
    expect((await test.onStream())?.environment).toBe(test.environment);
    expect((await promote('pia', certificate)).body.code).toBe('nothing-changed');
  });

  it('is the only way here', async () => {
    const { bundleId } = await production.draft('ana', otherLimit(14));
    expect((await production.as('ana', 'POST', `/policy/bundles/${bundleId}/propose`, { why: 'x' })).body).toMatchObject({
      code: 'promotion-needed',
      whatToDo: expect.stringContaining(test.environment) as string,
    });
    const elsewhere = await certificateOf((await test.onStream())!.digest);
    expect((await test.as('pia', 'POST', '/policy/promotions', { certificate: elsewhere, why: 'x' })).body.code).toBe(
      'promotion-refused',
    );
  });

  it('is refused when anything in the certificate is another, or not signed by a key that counts', async () => {
    const active = await test.makeActive(otherLimit(13), 'sam');
    const good = await certificateOf(active.digest);
    const changed = (more: object): object => ({ ...good, statement: { ...good.statement, ...more } });
    const other = (await test.as('sam', 'POST', '/policy/lint', { files: otherLimit(2) })).body.digest;
    for (const certificate of [
      changed({ files: otherLimit(2), digest: other }),
      changed({ authors: [] }),
      changed({ approvals: [{ actor: 'user:x', role: 'finance', at: '2026-11-23T09:00:00Z' }] }),
      changed({ revision: 99 }),
      changed({ environment: production.environment }),
      { ...good, signature: Buffer.from('nonsense').toString('base64') },
      { ...good, keyId: '0'.repeat(16) },
    ])
      expect((await promote('paul', certificate)).body.code).toBe('promotion-refused');
    // The first start's bundle was approved by nobody.
    const { items } = (await test.as('pia', 'GET', '/policy/activations')).body as unknown as { items: { digest: string }[] };
    expect((await test.as('pia', 'GET', `/policy/promotions/${items.at(-1)!.digest}`)).status).toBe(404);
    expect((await promote('paul', good)).status).toBe(201);
    expect((await promote('paul', good)).body.code).toBe('already-proposed');
    await eventually(async () => expect(await production.audited('bundle.promoted')).toHaveLength(2));
  });

  it('waits for the end of a freeze, or takes an emergency with its review', async () => {
    const freeze = `freezes:\n  - { environments: [${production.environment}], from: 2020-01-01T00:00:00Z, to: 2120-01-01T00:00:00Z, reason: ERP change, blocks: [promotions] }\n`;
    const files = filesWith(['calendars.yaml', /^freezes:.*\n(?: .*\n)*/m, freeze]);
    const { body: frozen } = await promote('paul', await certificateOf((await test.makeActive(files, 'sam', 'finn')).digest));
    for (const name of ['sam', 'finn'] as const) expect((await production.approve(name, frozen)).status).toBe(200);
    expect((await production.activate('pia', frozen)).status).toBe(200);
    const certificate = await certificateOf((await test.makeActive(otherLimit(12), 'sam', 'finn')).digest);
    expect((await promote('paul', certificate)).body).toMatchObject({
      code: 'change-frozen',
      detail: expect.stringContaining('ERP change') as string,
    });
    expect((await promote('paul', certificate, { emergency: 'the pay run stands still' })).body).toMatchObject({
      state: 'proposed',
      proposal: { emergency: { declaredBy: 'user:paul' } },
    });
  });
});
