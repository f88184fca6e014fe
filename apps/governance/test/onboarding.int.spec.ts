import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../src/domain/onboarding/checklist.js';
import { FakeServices } from './fake-services.js';
import { World, type Answer, type Name } from './world.js';

let world: World;
let services: FakeServices;
beforeAll(async () => {
  world = await World.start();
  services = new FakeServices(world.service.runtime);
});
afterAll(async () => {
  services.stop();
  await world.stop();
});

const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Paris', dateStyle: 'short' }).format(Date.now());
const request = (more: object = {}) => ({
  legalEntity: { code: 'FR01', name: 'Demo Conseil', currency: 'EUR', timeZone: 'Europe/Paris', region: 'EMEA' },
  connections: {
    'fr-hr': {
      system: 'sandbox-hr',
      roles: ['master-data'],
      settings: { url: 'env:FR_HR_URL' },
      kinds: ['worker', 'legal-entity'],
    },
    'fr-psa': {
      system: 'sandbox-psa',
      roles: ['time', 'master-data', 'project'],
      settings: { url: 'env:FR_PSA_URL' },
      kinds: ['project'],
    },
    'fr-erp': {
      system: 'sandbox-erp',
      roles: ['posting'],
      settings: { url: 'env:FR_ERP_URL' },
      adoption: { matchBy: ['workerCode', 'workDate'], toleranceHours: '0.01', toleranceAmount: '0.05' },
    },
  },
  like: 'DE01',
  goLive: today,
  ...more,
});

let id: string;
const states = (body: Answer['body']): string[] => (body['steps'] as Step[]).map(({ state }) => state);
const step = (body: Answer['body'], no: number): Step => (body['steps'] as Step[])[no - 1]!;
const look = async (): Promise<Answer['body']> => (await world.as('audrey', 'GET', `/onboardings/${id}`)).body;
const advance = (name: Name): Promise<Answer> => world.as(name, 'POST', `/onboardings/${id}/advance`);

describe('an acquired legal entity', () => {
  it('begins with a draft of the active bundle and a list of steps', async () => {
    const { status, body } = await world.as('ana', 'POST', '/onboardings', request());
    id = body['onboardingId'] as string;
    expect([status, states(body)]).toEqual([201, ['machine', 'waits', 'waits', 'waits', 'done', 'waits', 'waits']]);
    expect(body['notes']).toContain('accounts.yaml: missingProjects: name the project of FR01 on which missing time is accrued');
    expect(step(body, 5).findings).toContain('labour-cost of employees, billable: 5100 / 2100');
    const again = await world.as('ana', 'POST', '/onboardings', request());
    expect([again.status, again.body.code]).toEqual([409, 'onboarding-exists']);
    expect((await world.as('audrey', 'GET', '/onboardings')).body['items']).toMatchObject([{ onboardingId: id }]);
  });

  it.each([
    [{ connections: { x: { roles: ['time'] } } }, 400],
    [{ goLive: 'soon' }, 400],
    [{ legalEntity: { code: 'FR02', name: 'x', currency: 'Euro', timeZone: 'Paris', region: 'EMEA' } }, 400],
  ])('refuses %j', async (more, status) => {
    expect((await world.as('ana', 'POST', '/onboardings', request(more))).status).toBe(status);
    expect((await world.as('audrey', 'POST', '/onboardings', request())).status).toBe(403);
  });

  it('is drafted again when another bundle came into force meanwhile', async () => {
    const { filesWith } = await import('./world.js');
    await world.makeActive(filesWith(['slas.yaml', 'low: P7D', 'low: P8D']), 'sam');
    const before = await look();
    expect([before['next'], step(before, 1).findings]).toEqual([{ kind: 'redraft' }, ['the bundle is behind the active policy']]);
    const { body } = await advance('ana');
    expect([body['bundleId'] === before['bundleId'], body['next']]).toEqual([false, { kind: 'propose' }]);
    const { body: bundle } = await world.as('audrey', 'GET', `/policy/bundles/${body['bundleId'] as string}`);
    expect((bundle['files'] as { name: string; text: string }[]).find(({ name }) => name === 'slas.yaml')!.text).toContain(
      'low: P8D',
    );
  });

  it('is proposed by advance, approved and activated by people', async () => {
    const { body } = await advance('ana');
    expect([states(body)[0], step(body, 1).findings[0]]).toEqual([
      'person',
      expect.stringContaining('approvals missing') as string,
    ]);
    const refused = await advance('ana');
    expect([refused.status, refused.body.code]).toEqual([409, 'nothing-to-advance']);
    const { body: bundle } = await world.as('ana', 'GET', `/policy/bundles/${body['bundleId'] as string}`);
    const needed = bundle['missing'] as { role: string; part: string }[];
    const people: Record<string, Name> = {
      'enterprise-architecture': 'eve',
      finance: 'finn',
      platform: 'pia',
      'service-operations': 'sam',
    };
    for (const role of new Set(needed.map((one) => one.role)))
      expect((await world.approve(people[role]!, bundle)).status).toBe(200);
    expect((await world.activate('paul', bundle)).status).toBe(200);
  });

  it('shows what the services find, and waits for people to mend it', async () => {
    services.states.master = { 'fr-hr': { state: 'works' }, 'fr-psa': { state: 'faulted', why: 'CREDENTIALS_REJECTED: 401' } };
    services.states.time = { 'fr-psa': { state: 'works' } };
    services.states.posting = { 'fr-erp': { state: 'not-tried' } };
    services.states.payroll = { payroll: { state: 'works' } };
    services.states.analytics = { warehouse: { state: 'works' } };
    services.readiness = {
      legalEntity: { code: 'FR01', currency: 'EUR', timeZone: 'Europe/Paris', region: 'APAC' },
      workers: 12,
      projects: 3,
      references: [{ reference: 'worker/fr-hr', missing: 2, examples: ['F7', 'F8'] }],
      accountingPeriods: [],
      payGroups: [{ code: 'FR-MONTHLY' }],
    };
    const body = await look();
    expect(states(body)).toEqual(['done', 'person', 'person', 'person', 'done', 'machine', 'waits']);
    expect([2, 3, 4].map((no) => step(body, no).findings)).toEqual([
      ['fr-psa: CREDENTIALS_REJECTED: 401'],
      ['region of FR01 is APAC, expected EMEA', '2 without an id in worker of fr-hr: F7, F8'],
      [`no open accounting period holds ${today}`, `pay group FR-MONTHLY has no pay period that holds ${today}`],
    ]);
    expect(services.asked).toEqual({ legalEntityId: 'FR01', on: today, references: ['worker/fr-hr', 'project/fr-psa'] });
  });

  it('locks its own destination at once, and only for those who may', async () => {
    const refused = await advance('ana');
    expect([refused.status, refused.body.code]).toEqual([403, 'role-not-held']);
    const { body } = await advance('olga');
    expect(services.commands).toEqual([
      { verb: 'lock', body: { destination: 'fr-erp', reason: 'onboarding of FR01', actor: 'user:olga' } },
    ]);
    expect(step(body, 6).findings).toContain('fr-erp is locked');
  });

  it('looks which lines match, and takes none while something is missing', async () => {
    const { body } = await advance('finn');
    expect(services.commands.at(-1)).toMatchObject({
      verb: 'adopt',
      body: { destination: 'fr-erp', dryRun: true, actor: 'user:finn' },
    });
    expect(step(body, 6).findings.join()).toContain('fr-erp: 40 lines match, 0 could be several, 1 match nothing of ours');
    expect(body['next']).toBe(null);
    services.states.master!['fr-psa'] = { state: 'works' };
    services.readiness = {
      ...services.readiness!,
      legalEntity: { ...services.readiness!.legalEntity, region: 'EMEA' },
      references: [{ reference: 'worker/fr-hr', missing: 0, examples: [] }],
      accountingPeriods: [{ code: `FR01/${today.slice(0, 7)}`, state: 'open' }],
      payGroups: [{ code: 'FR-MONTHLY', payPeriod: 'FR-MONTHLY/1' }],
    };
    expect((await look())['next']).toEqual({ kind: 'adopt', feed: 'posting', destination: 'fr-erp' });
  });

  it('takes them over once a second person agreed', async () => {
    services.secondPerson = true;
    const { body } = await advance('finn');
    expect([states(body)[5], body['next']]).toEqual(['person', null]);
    const [open] = (await world.as('fay', 'GET', '/requests?state=open')).body['items'] as { requestId: string; size: object }[];
    expect(open!.size).toEqual({ lines: 40, hours: '320', amounts: { EUR: '20000.00' } });
    expect((await world.as('finn', 'POST', `/requests/${open!.requestId}/approve`, {})).status).toBe(403);
    expect((await world.as('fay', 'POST', `/requests/${open!.requestId}/approve`, {})).status).toBe(202);
    await eventually(async () =>
      expect(states(await look())).toEqual(['done', 'done', 'done', 'done', 'done', 'done', 'machine']),
    );
    expect(services.commands.at(-1)).toMatchObject({
      verb: 'adopt',
      body: { dryRun: false, actor: 'user:finn', grant: { requestedBy: 'user:finn', approvedBy: 'user:fay' } },
    });
  });

  it('is opened on the day of go-live, and then over', async () => {
    const { body } = await advance('finn');
    expect(services.commands.at(-1)).toMatchObject({ verb: 'open', body: { destination: 'fr-erp', actor: 'user:finn' } });
    expect(new Set(states(body))).toEqual(new Set(['done']));
    expect((await advance('finn')).body.code).toBe('nothing-to-advance');
    const actions = await world.service.runtime.database.query<{ action: string; actor: string }>(
      `select action, actor from audit_record where subject_kind = 'onboarding' order by at, id`,
    );
    expect(actions.map(({ action }) => action)).toEqual([
      'onboarding.started',
      'onboarding.redraft',
      'onboarding.propose',
      'onboarding.lock',
      'onboarding.rehearse',
      'onboarding.adopt',
      'onboarding.open',
    ]);
  });

  it('says so when a service does not answer', async () => {
    services.stop();
    const body = await look();
    expect(states(body).slice(0, 4)).toEqual(['done', 'person', 'waits', 'waits']);
    expect(step(body, 2).findings).toContain('master does not answer');
  }, 60_000);
});
