import { EVENT_TYPES, type ConditionClearedV1, type ConditionRaisedV1 } from '@tieout/contracts';
import { compilePolicy } from '@tieout/policy';
import { isSignedBy } from '@tieout/signing';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesWith, otherKey, otherLimit, World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());

/** What people wrote is kept beside the chain, where it can be erased. */
const PERSONAL = expect.stringMatching(/^personal:/) as string;

const frozenFiles = (hours: number): ReturnType<typeof otherLimit> =>
  filesWith(
    ['validation.yaml', /^hoursPerEntry:.*$/m, `hoursPerEntry: { min: 0.01, max: ${hours} }`],
    [
      'calendars.yaml',
      /^freezes:.*\n(?: .*\n)*/m,
      `freezes:\n  - { environments: [${world.environment}], from: 2020-01-01T00:00:00Z, to: 2120-01-01T00:00:00Z, reason: ERP change }\n`,
    ],
  );

describe('the first start', () => {
  it('takes the bundle of POLICY_DIR as revision 1, signed and audited', async () => {
    const { keyId, signature, ...statement } = await world.revisionOnStream(1);
    expect(isSignedBy('policy-activation', statement, { keyId, signature }, [world.keys.publicKey])).toBe(true);
    expect(isSignedBy('policy-activation', statement, { keyId, signature }, [otherKey()])).toBe(false);
    expect(statement).toMatchObject({ environment: world.environment, activatedBy: 'service:governance' });
    const compiled = compilePolicy(Object.fromEntries(statement.files.map(({ name, text }) => [name, text])));
    expect(compiled.ok && compiled.policy.digest).toBe(statement.digest);
    expect(await world.audited('policy.activated')).toMatchObject([
      { actor: 'service:governance', subject_id: '1', policy_digest: statement.digest },
    ]);
    expect((await world.as('audrey', 'GET', '/policy/active')).body).toMatchObject({
      revision: 1,
      cause: 'first-start',
      digest: statement.digest,
    });
  });
});

describe('a bundle on its way', () => {
  it('with mistakes is a draft that is not proposed: file, line, column and fix are told', async () => {
    const files = filesWith(['validation.yaml', 'selfApproval: barred', 'selfApproval: bared']);
    const { body } = await world.as('ana', 'POST', '/policy/bundles', { files });
    expect(body).toMatchObject({ state: 'draft', digest: null, problems: [{ file: 'validation.yaml' }] });
    const answer = await world.as('ana', 'POST', `/policy/bundles/${body.bundleId}/propose`, { why: 'x' });
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'does-not-compile',
        errors: [
          { where: expect.stringMatching(/^validation\.yaml:\d+:\d+$/) as string, why: expect.stringContaining('->') as string },
        ],
      },
    });
  });

  it('can be checked before it is stored', async () => {
    expect((await world.as('audrey', 'POST', '/policy/lint', { files: otherLimit(15) })).body).toMatchObject({
      ok: true,
      parts: ['validation'],
      needed: [{ part: 'validation', role: 'service-operations' }],
    });
    expect((await world.as('audrey', 'POST', '/policy/lint', { files: [{ name: 'x.yaml', text: 'x: 1' }] })).body['ok']).toBe(
      false,
    );
  });

  it('is proposed, approved, activated, and stands on the stream', async () => {
    const bundle = await world.proposed('ana', otherLimit(15));
    expect(bundle).toMatchObject({
      state: 'proposed',
      author: 'user:ana',
      missing: [{ part: 'validation', role: 'service-operations' }],
      overtaken: false,
    });
    expect((await world.as('sam', 'GET', `/policy/bundles/${bundle.bundleId}/diff`)).body).toMatchObject({
      parts: ['validation'],
      files: [{ name: 'validation.yaml', diff: expect.stringContaining('+hoursPerEntry: { min: 0.01, max: 15 }\n') as string }],
    });
    expect((await world.activate('pia', bundle)).body.code).toBe('wrong-state');
    expect((await world.approve('sam', bundle, { note: 'looks right' })).body).toMatchObject({ state: 'approved', missing: [] });
    expect((await world.activate('finn', bundle)).body.code).toBe('role-not-held');
    expect((await world.activate('pia', bundle)).body).toMatchObject({ revision: 2, cause: 'approved', activatedBy: 'user:pia' });
    const { keyId, signature, ...statement } = await world.revisionOnStream(2);
    expect(isSignedBy('policy-activation', statement, { keyId, signature }, [world.keys.publicKey])).toBe(true);
    expect([statement.digest, statement.bundleId]).toEqual([bundle.digest, bundle.bundleId]);
    // Governance's own replica takes it from there, like everybody else.
    await eventually(() => expect(world.service.runtime.policy.current().digest).toBe(bundle.digest));
    const { items } = (await world.as('audrey', 'GET', '/policy/bundles')).body as unknown as { items: object[] };
    expect(items).toMatchObject([{ state: 'active', bundleId: bundle.bundleId }, { state: 'draft' }, { state: 'retired' }]);
    const rows = await world.service.runtime.database.query<{ action: string; actor: string; before: unknown; reason: string }>(
      `select action, actor, before, after, reason, policy_digest from audit_record where subject_id = $1 and action like 'bundle.%' order by at`,
      [bundle.bundleId],
    );
    expect(rows).toMatchObject([
      { action: 'bundle.drafted', actor: 'user:ana' },
      { action: 'bundle.proposed', actor: 'user:ana', before: { state: 'draft' }, reason: PERSONAL },
      { action: 'bundle.approved', actor: 'user:sam', reason: PERSONAL, after: { state: 'approved' } },
      { action: 'bundle.activated', actor: 'user:pia', before: { state: 'approved' }, after: { state: 'active' } },
    ]);
  });

  it('is not proposed twice, nor when it changes nothing', async () => {
    const same = await world.draft('ana', otherLimit(15));
    expect((await world.as('ana', 'POST', `/policy/bundles/${same.bundleId}/propose`, { why: 'x' })).body.code).toBe(
      'nothing-changed',
    );
    const open = await world.proposed('ana', otherLimit(14));
    const again = await world.draft('eve', otherLimit(14));
    expect((await world.as('eve', 'POST', `/policy/bundles/${again.bundleId}/propose`, { why: 'x' })).body.code).toBe(
      'already-proposed',
    );
    expect((await world.as('finn', 'POST', `/policy/bundles/${open.bundleId}/withdraw`, { why: 'x' })).body.code).toBe(
      'not-yours',
    );
    expect((await world.as('ana', 'POST', `/policy/bundles/${open.bundleId}/withdraw`, { why: 'x' })).body).toMatchObject({
      state: 'withdrawn',
      closing: { by: 'user:ana', why: 'x' },
    });
  });

  it('becomes active by itself on its date', async () => {
    const effectiveFrom = new Date(Date.now() + 1_500).toISOString();
    const bundle = await world.proposed('ana', otherLimit(13), { effectiveFrom });
    expect((await world.approve('sam', bundle)).status).toBe(200);
    expect((await world.activate('pia', bundle)).body.code).toBe('not-due');
    expect(await world.revisionOnStream(3)).toMatchObject({ digest: bundle.digest, activatedBy: 'service:governance' });
  });

  it('that was overtaken is refused, and says what to do', async () => {
    const late = await world.proposed('ana', otherLimit(12));
    await world.makeActive(otherLimit(11), 'sam');
    expect((await world.approve('sam', late)).body).toMatchObject({
      code: 'base-changed',
      whatToDo: expect.stringContaining('new draft') as string,
    });
    expect((await world.as('audrey', 'GET', `/policy/bundles/${late.bundleId}`)).body['overtaken']).toBe(true);
  });
});

describe('rollback, freeze and emergency', () => {
  it('brings the bundle before back as the next revision', async () => {
    const before = (await world.as('audrey', 'GET', '/policy/activations')).body as unknown as { items: { digest: string }[] };
    expect((await world.as('finn', 'POST', '/policy/rollback', { why: 'worse' })).body.code).toBe('role-not-held');
    const { body } = await world.as('sam', 'POST', '/policy/rollback', { why: 'worse' });
    expect(body).toMatchObject({ cause: 'rollback', revision: 5, reason: 'worse', digest: before.items[1]!.digest });
    expect(await world.revisionOnStream(5)).toMatchObject({ digest: body.digest });
    expect(await world.audited('policy.rolled-back')).toMatchObject([
      { actor: 'user:sam', before: { revision: 4 }, reason: PERSONAL },
    ]);
  });

  it('lets nothing through a freeze but an emergency, and wants that reviewed by somebody else', async () => {
    await world.makeActive(frozenFiles(10), 'sam', 'finn');
    const urgent = await world.proposed('ana', otherLimit(9));
    for (const name of ['sam', 'finn'] as const) expect((await world.approve(name, urgent)).status).toBe(200);
    expect((await world.activate('pia', urgent)).body).toMatchObject({
      code: 'change-frozen',
      detail: expect.stringContaining('ERP change') as string,
    });
    expect((await world.as('sam', 'POST', '/policy/rollback', { why: 'x' })).body.code).toBe('change-frozen');
    const { body } = await world.activate('pia', urgent, { emergency: 'the pay run stands still' });
    expect(body).toMatchObject({ revision: 7, emergency: { reason: 'the pay run stands still', declaredBy: 'user:pia' } });
    const [raised] = await world.said<ConditionRaisedV1>(EVENT_TYPES.conditionRaised);
    expect(raised).toMatchObject({ reason: 'CHANGE_REVIEW_DUE', raisedBy: 'governance', subjectKey: 'policy-revision:7' });
    const review = (name: 'ana' | 'pia' | 'sam' | 'sue'): ReturnType<World['as']> =>
      world.as(name, 'POST', '/policy/activations/7/review', { note: 'looked at it' });
    for (const name of ['ana', 'pia', 'sam'] as const) expect((await review(name)).body.code).toBe('self-approval');
    expect(await world.said(EVENT_TYPES.conditionCleared)).toEqual([]);
    expect((await review('sue')).body).toMatchObject({ review: { by: 'user:sue', note: 'looked at it' } });
    const [cleared] = await world.said<ConditionClearedV1>(EVENT_TYPES.conditionCleared);
    expect(cleared?.itemKey).toBe(raised!.itemKey);
    expect((await review('sue')).body.code).toBe('no-review-due');
  });
});
