import type { CalendarSpan, ChangeAnswer, ChangeQuestion } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import { checkDeployment, spansFor, type Ground } from './deploy-check.js';

const AT = '2026-11-23T12:00:00.000Z';
const asked: ChangeQuestion[] = [];
const ground = (answer: ChangeAnswer, over: Partial<Ground> = {}): Ground => ({
  environment: 'production',
  policy: { digest: 'd'.repeat(64), changeAllowed: (question) => (asked.push(question), answer) },
  revision: 7,
  activations: [],
  now: AT,
  ...over,
});
const question = { change: 'deployment', service: 'erp-posting', environment: 'production', at: AT } as const;

describe('a deployment', () => {
  it('is allowed or not as the active policy says, with its reason', () => {
    expect(checkDeployment(question, ground({ allowed: true }))).toEqual({
      allowed: true,
      service: 'erp-posting',
      environment: 'production',
      at: AT,
      policy: { environment: 'production', revision: 7, digest: 'd'.repeat(64) },
      notes: [],
    });
    const no = { allowed: false, why: 'freeze "year end"', opensAt: '2026-11-24T00:00:00.000Z', blockedBy: 'freeze' } as const;
    expect(checkDeployment(question, ground(no))).toMatchObject(no);
    expect(asked).toEqual([question, question]);
  });

  it('of another environment comes with a warning: its policy may be another', () => {
    const { notes } = checkDeployment({ ...question, environment: 'test' }, ground({ allowed: true }));
    expect(notes).toEqual([expect.stringContaining('active in "production"; what is active in "test" may say otherwise')]);
  });

  it('is not stopped by an emergency change that nobody reviewed in time, but it is said', () => {
    const review = { by: 'user:a', at: AT, note: 'fine' };
    const activations: Ground['activations'] = [
      { revision: 6, reviewDueAt: '2026-11-22T12:00:00.000Z', review: null },
      { revision: 5, reviewDueAt: '2026-11-22T12:00:00.000Z', review },
      { revision: 4, reviewDueAt: '2026-11-24T12:00:00.000Z', review: null },
      { revision: 3, reviewDueAt: null, review: null },
    ];
    const { allowed, notes } = checkDeployment(question, ground({ allowed: true }, { activations }));
    expect(allowed).toBe(true);
    expect(notes).toEqual([expect.stringMatching(/^revision 6 .* due at 2026-11-22T12:00:00.000Z; nobody has reviewed it$/)]);
  });
});

it('the calendar of a legal entity is what is told for it and for all', () => {
  const span = (name: string, legalEntities?: string[], regions?: string[]): CalendarSpan => ({
    from: AT,
    to: AT,
    kind: 'freeze',
    name,
    legalEntities,
    regions,
    blocks: ['deployments'],
  });
  const spans = [span('all'), span('DE', ['DE01']), span('US', ['US01']), span('EMEA', undefined, ['emea'])];
  const names = (where: Parameters<typeof spansFor>[1]) => spansFor(spans, where).map(({ name }) => name);
  expect(names({})).toEqual(['all', 'DE', 'US', 'EMEA']);
  expect(names({ legalEntityId: 'DE01' })).toEqual(['all', 'DE', 'EMEA']);
  expect(names({ legalEntityId: 'DE01', region: 'apac' })).toEqual(['all', 'DE']);
});
