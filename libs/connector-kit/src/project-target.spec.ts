import { describe, expect, it } from 'vitest';
import { lookThenMake, type FoundProject, type NewProject, type ProjectVendor } from './project-target.js';

const project: NewProject = { code: 'P-1', name: 'One', legalEntityId: 'DE01', billable: true, activeFrom: '2026-11-23' };
const found = (externalId: string, code = 'P-1', ours = true): FoundProject => ({ externalId, code, ours });

/** Answers its look-ups in turn, and counts what it makes. */
const vendor = (lookUps: readonly (readonly FoundProject[])[], make: Awaited<ReturnType<ProjectVendor['make']>>) => {
  const seen = { made: 0, looked: 0 };
  const fake: ProjectVendor = {
    find: async () => lookUps[seen.looked++] ?? [],
    make: async () => {
      seen.made += 1;
      return make;
    },
  };
  return { fake, seen };
};

describe('lookThenMake', () => {
  it.each([
    ['makes what is not there', [[]], { kind: 'created', externalId: '7' }, { kind: 'created', externalId: '7' }, 1],
    [
      'makes nothing where it stands',
      [[found('7')]],
      { kind: 'created', externalId: '8' },
      { kind: 'exists', project: found('7') },
      0,
    ],
    [
      'looks again when the code was taken meanwhile',
      [[], [found('7', 'P-1', false)]],
      { kind: 'taken' },
      { kind: 'exists', project: found('7', 'P-1', false) },
      1,
    ],
    ['hands on a refusal', [[]], { kind: 'refused', reasons: ['no'] }, { kind: 'refused', reasons: ['no'] }, 1],
  ] as const)('%s', async (_what, lookUps, make, outcome, made) => {
    const { fake, seen } = vendor(lookUps, make as Awaited<ReturnType<ProjectVendor['make']>>);
    expect(await lookThenMake(fake, project, 'r')).toEqual(outcome);
    expect(seen.made).toBe(made);
  });

  it.each([
    ['two projects', [[found('7'), found('8')]], '2 projects stand for P-1: 7, 8; keep one'],
    ['our project under another code', [[found('7', 'P-2')]], 'with the code P-2 instead of P-1'],
    ['a code taken by what nobody sees', [[], []], 'taken by a project that cannot be seen'],
  ] as const)('refuses %s, and says what to do', async (_what, lookUps, reason) => {
    const outcome = await lookThenMake(vendor(lookUps, { kind: 'taken' }).fake, project, 'r');
    expect(outcome).toMatchObject({ kind: 'refused', reasons: [expect.stringContaining(reason) as string] });
  });
});
