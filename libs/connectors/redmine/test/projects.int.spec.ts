import { systemClock } from '@tieout/clock';
import type { NewProject } from '@tieout/connector-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redmine } from '../src/index.js';
import { FakeRedmine } from './fake-redmine.js';

let fake: FakeRedmine;
let url: string;
beforeEach(async () => {
  fake = new FakeRedmine();
  url = await fake.start();
});
afterEach(() => fake.stop());

const put = (code: string, reference = 'r-1', key = fake.key) => {
  const config = redmine.parseConfig({ values: { url, key }, secrets: new Set(['key']) });
  const project: NewProject = { code, name: 'Engagement', legalEntityId: 'DE01', billable: true, activeFrom: '2026-11-23' };
  return redmine.projectTarget!(config, { connection: 'redmine', clock: systemClock }).putProject(project, reference);
};

describe('projects made in Redmine', () => {
  it('carry our reference, and are known by it again', async () => {
    expect(await put('de-p500')).toMatchObject({ kind: 'created' });
    expect(fake.projects.at(-1)).toMatchObject({ identifier: 'de-p500', description: 'Tieout reference r-1', is_public: false });
    expect(await put('de-p500')).toMatchObject({ kind: 'exists', project: { code: 'de-p500', ours: true } });
    expect(await put('de-p500', 'r-2')).toMatchObject({ kind: 'exists', project: { ours: false } });
  });

  it('an identifier that Redmine does not take is refused with its words', async () => {
    expect(await put('DE-P500')).toEqual({ kind: 'refused', reasons: ['Identifier is invalid'] });
  });

  it('an archived project cannot be seen, and keeps its identifier', async () => {
    fake.projects.push({ id: 3, identifier: 'gamma', name: 'Gamma', status: 9 });
    expect(await put('gamma')).toEqual({
      kind: 'refused',
      reasons: ['the code gamma is taken by a project that cannot be seen; release it or choose another'],
    });
  });

  it('a wrong key is CredentialsRejected, not an absence', async () => {
    await expect(put('alpha', 'r-1', 'wrong')).rejects.toMatchObject({ kind: 'CredentialsRejected' });
    expect(fake.projects).toHaveLength(2);
  });
});
