import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectCapabilitiesOf } from '../connector.js';
import type { NewProject, ProjectCapabilities, ProjectTarget } from '../project-target.js';
import { expectFault, PATIENCE_MS, within, type SuiteContext } from './context.js';
import { itReadsFaultsTruly } from './faults.js';
import { answering, cutAfter, forWrites, silent } from './network.js';
import type { ProjectFixture } from './subject.js';

const newProject = (fixture: ProjectFixture): NewProject => {
  const code = `p-${randomUUID().slice(0, 13)}`;
  const { legalEntityId, currency, client } = fixture;
  return {
    code,
    name: `Engagement ${code}`,
    legalEntityId,
    ...(client !== undefined && { client }),
    billable: true,
    revenueMethod: 'time-and-material',
    budgetHours: '800',
    budgetAmount: '33600.00',
    currency,
    activeFrom: '2026-11-23',
    activeTo: '2027-05-22',
  };
};

export const describeProjects = (context: SuiteContext): void => {
  const open = (network?: typeof fetch): ProjectTarget =>
    context.connector.projectTarget!(context.config(), context.deps(network));
  const impatient = (network: typeof fetch): ProjectTarget =>
    context.connector.projectTarget!(context.config(context.vendor.impatient), context.deps(network));

  describe('projects', () => {
    let fixture: ProjectFixture;
    beforeAll(() => {
      fixture = context.fixture('projects');
    });
    /** What was made shows from then on; after a lost answer absence counts, too. */
    const visible = (settleMs = 0): Promise<void> => delay(settleMs + capabilities().readLagMs);
    const capabilities = (): ProjectCapabilities => projectCapabilitiesOf(context.connector, context.config())!;

    it('makes a project once, however often it is asked with one reference', async () => {
      const [project, reference] = [newProject(fixture), randomUUID()];
      await open().verifyAccess();
      const first = await open().putProject(project, reference);
      if (first.kind !== 'created') throw new Error(`expected created, got ${JSON.stringify(first)}`);
      await visible();
      for (let again = 0; again < 2; again += 1)
        expect(await open().putProject(project, reference)).toMatchObject({
          kind: 'exists',
          project: { externalId: first.externalId, code: project.code },
        });
      expect(await fixture.countProjects(project.code)).toBe(1);
    });

    it('makes no second one where somebody else has the code, and says that it is not ours', async () => {
      const project = newProject(fixture);
      await fixture.addProject(project.code);
      await visible();
      expect(await open().putProject(project, randomUUID())).toMatchObject({
        kind: 'exists',
        project: { code: project.code, ours: false },
      });
      expect(await fixture.countProjects(project.code)).toBe(1);
    });

    it('refuses what the vendor refuses, with its reasons', async ({ skip }) => {
      const { invalid } = fixture;
      if (!invalid) return skip('the vendor checks nothing');
      const project = { ...newProject(fixture), ...invalid };
      const outcome = await open().putProject(project, randomUUID());
      if (outcome.kind !== 'refused') throw new Error(`expected refused, got ${JSON.stringify(outcome)}`);
      expect(outcome.reasons.join('')).not.toBe('');
      expect(await fixture.countProjects(project.code)).toBe(0);
    });

    it('an answer lost after the vendor made it is OutcomeUnknown, and asking again finds the one', async () => {
      const [project, reference] = [newProject(fixture), randomUUID()];
      await expectFault(open(cutAfter(({ method }) => method !== 'GET')).putProject(project, reference), 'OutcomeUnknown');
      expect(await fixture.countProjects(project.code)).toBe(1);
      await visible(capabilities().settleMs);
      expect(await open().putProject(project, reference)).toMatchObject({ kind: 'exists', project: { code: project.code } });
      expect(await fixture.countProjects(project.code)).toBe(1);
    });

    it('a write without an answer, or with 5xx, 401 or 403, is OutcomeUnknown; 429 promises that nothing was done', async () => {
      const put = (target: ProjectTarget): Promise<unknown> => target.putProject(newProject(fixture), randomUUID());
      await expectFault(within(PATIENCE_MS, put(impatient(forWrites(silent)))), 'OutcomeUnknown');
      for (const status of [401, 403, 500, 502, 503, 504])
        await expectFault(put(open(forWrites(answering(status, '')))), 'OutcomeUnknown');
      await expectFault(put(open(forWrites(answering(429, '')))), 'RateLimited');
    });

    it('a yes without a project in it is OutcomeUnknown', async () => {
      for (const body of ['{}', '<html>maintenance</html>', '{"error":{"code":"INTERNAL"}}'])
        await expectFault(open(forWrites(answering(200, body))).putProject(newProject(fixture), randomUUID()), 'OutcomeUnknown');
    });

    itReadsFaultsTruly(context, (config, deps) => {
      const target = context.connector.projectTarget!(config, deps);
      return {
        verifyAccess: () => target.verifyAccess(),
        putProject: () => target.putProject(newProject(fixture), randomUUID()),
      };
    });
  });
};
