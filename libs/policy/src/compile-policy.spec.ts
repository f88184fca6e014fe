import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePolicy } from './compile-policy.js';
import type { CompiledPolicy, PolicyProblem } from './compiled-policy.js';
import { GOOD_BUNDLE } from '../test/good-bundle.js';

const compiled = (changes: Record<string, string> = {}): CompiledPolicy => {
  const result = compilePolicy({ ...GOOD_BUNDLE, ...changes });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
};
const problemsOf = (files: Record<string, string>): PolicyProblem[] => {
  const result = compilePolicy(files);
  return result.ok ? [] : result.problems;
};
/** The good bundle with one text in one file replaced. */
const planted = (file: string, from: string, to: string): Record<string, string> => {
  const text = GOOD_BUNDLE[file]!;
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  return { ...GOOD_BUNDLE, [file]: text.replace(from, to) };
};

describe('planted errors are named with file, line and column', () => {
  it.each([
    [
      'an unknown key',
      'validation.yaml',
      'overlap: hold',
      'overlapp: hold',
      [
        [1, 1, 'the file lacks "overlap"'],
        [14, 1, 'unknown key "overlapp" in the file'],
      ],
    ],
    ['a missing key', 'calendars.yaml', 'lateCorrections: first-open-period\n', '', [[1, 1, 'the file lacks "lateCorrections"']]],
    [
      'a word that is no choice',
      'validation.yaml',
      'selfApproval: barred',
      'selfApproval: bared',
      [[3, 15, '"selfApproval" is "bared": expected one of barred, allowed']],
    ],
    [
      'a number that is none',
      'validation.yaml',
      'EMEA: 3',
      'EMEA: three',
      [[9, 27, '"projectGraceDays.regions.EMEA" is "three": expected a whole number from 0 to 3660']],
    ],
    [
      'no value',
      'validation.yaml',
      'unknownKeyGrace: PT4H',
      'unknownKeyGrace:',
      [[10, 17, '"unknownKeyGrace" is empty: expected an ISO 8601 duration, for example PT4H or P2D']],
    ],
    [
      'a duration that is none',
      'slas.yaml',
      'P3D',
      '3 days',
      [[1, 45, '"dueIn.normal" is "3 days": expected an ISO 8601 duration, for example PT4H or P2D']],
    ],
    ['a list that is none', 'routing.yaml', '[books]', 'books', [[2, 12, '"routes.default" is a single value: expected a list']]],
    [
      'an unknown kind',
      'systems-of-record.yaml',
      'worker: time',
      'wroker: time',
      [[2, 3, 'unknown key "wroker" in "systemsOfRecord"']],
    ],
    [
      'an unknown attribute',
      'systems-of-record.yaml',
      'name: time',
      'nam: time',
      [[5, 19, '"nam" in "systemsOfRecord.project.attributes" is not an attribute of project']],
    ],
    [
      'a rule with neither from nor constant',
      'mappings.yaml',
      '{ from: employee.number, case: upper }',
      '{ case: upper }',
      [[4, 19, '"mappings.time.fields.workerCode" needs either "from" or "constant"']],
    ],
    [
      'an unreadable date format',
      'mappings.yaml',
      'd.M.yyyy',
      'dd.MM',
      [
        [
          8,
          39,
          '"mappings.time.fields.workDate.format" is "dd.MM": expected "instant" or a pattern of yyyy, MM, M, dd, d, for example dd.MM.yyyy',
        ],
      ],
    ],
    ['min above max', 'validation.yaml', 'max: 24', 'max: 0.1', [[1, 16, '"hoursPerEntry" has "min" above "max"']]],
    // Cross-checks
    [
      'a route to a connection that does not exist',
      'routing.yaml',
      '[books]',
      '[book]',
      [[2, 13, 'connection "book" is not declared in connections.yaml']],
    ],
    [
      'a route to a connection that cannot post',
      'routing.yaml',
      'IN01: []',
      'IN01: [books, time]',
      [[3, 34, 'connection "time" does not have the role posting']],
    ],
    [
      'a shadow that nothing is sent to',
      'routing.yaml',
      'routes:',
      'shadows: [bookz]\nroutes:',
      [[1, 11, 'connection "bookz" is not declared in connections.yaml']],
    ],
    [
      'an ERP that is only a shadow',
      'routing.yaml',
      'routes:',
      'shadows: [books]\nroutes:',
      [[3, 12, 'time is posted to shadows only: books']],
    ],
    [
      'a mapping to a field that we do not have',
      'mappings.yaml',
      'workDate: {',
      'workDay: {',
      [
        [4, 7, '"mappings.time.fields" lacks "workDate"'],
        [8, 7, 'unknown key "workDay" in "mappings.time.fields"'],
      ],
    ],
    [
      'an owner that does not exist',
      'systems-of-record.yaml',
      'worker: time',
      'worker: hr',
      [[2, 11, 'connection "hr" is not declared in connections.yaml']],
    ],
    [
      'an owner that does not read the kind',
      'connections.yaml',
      'kinds: [worker, project]',
      'kinds: [worker]',
      [
        'systems-of-record.yaml:4:14 connection "time" does not read project',
        'systems-of-record.yaml:5:25 connection "time" does not read project',
      ],
    ],
    [
      'a team that does not exist',
      'ownership.yaml',
      'default: berlin',
      'default: berln',
      [[6, 16, 'team "berln" is not among the teams']],
    ],
    [
      'a default team left out',
      'ownership.yaml',
      'project-operations, hr-operations, integration',
      'hr-operations, integration',
      [[1, 8, 'cases such as UNKNOWN_PROJECT go to "project-operations" by default, which is not among the teams']],
    ],
    [
      'an account rule out of reach',
      'accounts.yaml',
      '  - when: { legalEntities: [DE01], workerTypes: [contractor] }\n    account',
      '  - account',
      [[5, 5, 'rule 2 is never reached: rule 1 takes everything']],
    ],
  ] as const)('%s', (_title, file, from, to, expected) => {
    const problems = problemsOf(planted(file, from, to));
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem.fix).not.toBe('');
    expect(
      problems.map((p) => (p.file === file ? [p.line, p.column, p.message] : `${p.file}:${p.line}:${p.column} ${p.message}`)),
    ).toEqual(expected);
  });

  it('takes no aliases: a reader should see every value where it counts', () => {
    expect(problemsOf(planted('routing.yaml', '{ IN01: [] }', '{ IN01: &x [], IN02: *x }'))).toMatchObject([
      { line: 3, column: 39, message: '"routes.legalEntities.IN02" is an alias: expected a list' },
    ]);
  });

  it('names both sides of a connection that was renamed', () => {
    expect(
      problemsOf(planted('connections.yaml', '  time:', '  tyme:')).map(
        (p) => `${p.file}:${p.line}:${p.column} ${p.message} -> ${p.fix}`,
      ),
    ).toEqual([
      'connections.yaml:2:3 connection "tyme" has the role time but no mapping -> add "tyme:" to mappings.yaml',
      'systems-of-record.yaml:2:11 connection "time" is not declared in connections.yaml -> did you mean "tyme"?',
      'systems-of-record.yaml:4:14 connection "time" is not declared in connections.yaml -> did you mean "tyme"?',
      'systems-of-record.yaml:5:25 connection "time" is not declared in connections.yaml -> did you mean "tyme"?',
      'mappings.yaml:2:3 connection "time" is not declared in connections.yaml -> did you mean "tyme"?',
    ]);
  });

  it('reports every problem of every file at once', () => {
    const files = { ...planted('slas.yaml', 'PT4H', 'soon'), 'calendars.yaml': 'lateOriginals: never\n' };
    expect(problemsOf(files).map((p) => `${p.file}:${p.line}`)).toEqual([
      'calendars.yaml:1',
      'calendars.yaml:1',
      'calendars.yaml:1',
      'slas.yaml:1',
    ]);
  });

  it('places a YAML error', () => {
    expect(problemsOf(planted('calendars.yaml', 'lateOriginals: hold', 'lateOriginals: [hold'))[0]).toMatchObject({
      file: 'calendars.yaml',
      line: 2,
    });
    expect(problemsOf(planted('calendars.yaml', 'lateCorrections', 'lateOriginals'))[0]).toMatchObject({
      file: 'calendars.yaml',
      line: 2,
      column: 1,
      message: 'not valid YAML: Map keys must be unique',
    });
  });

  it('names missing and surplus files', () => {
    const { 'routing.yaml': moved, ...rest } = GOOD_BUNDLE;
    expect(problemsOf({ ...rest, 'rooting.yaml': moved! })).toMatchObject([
      { file: 'rooting.yaml', message: 'a bundle has no file of this name', fix: 'did you mean routing.yaml?' },
      { file: 'routing.yaml', message: 'the file is missing from the bundle' },
    ]);
  });

  it('refuses a secret in the bundle without repeating it', () => {
    const problems = problemsOf(planted('connections.yaml', 'env:PSA_KEY', 'hunter2-secret'));
    expect(problems).toMatchObject([
      { file: 'connections.yaml', line: 3, message: '"connections.time" holds the secret "key" itself' },
    ]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('digest', () => {
  it('ignores comments, layout and the order of keys', () => {
    const other = compiled({
      'calendars.yaml': '# rules\nclosingTakes:\n  - correction\nlateCorrections: "first-open-period"\nlateOriginals: hold\n',
    });
    expect(other.digest).toBe(compiled().digest);
    expect(other.digest).toMatch(/^[0-9a-f]{64}$/);
  });
  it('changes with the content of any file', () => {
    const digests = [
      compiled().digest,
      compiled(planted('slas.yaml', 'P7D', 'P8D')).digest,
      compiled(planted('routing.yaml', 'IN01', 'IN02')).digest,
      compiled(planted('mappings.yaml', 'TRV', 'TRAVEL')).digest,
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('no text makes it throw', () => {
  it('answers problems whose lines exist', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(GOOD_BUNDLE)), fc.nat(), fc.string({ maxLength: 12 }), (file, at, junk) => {
        const good = GOOD_BUNDLE[file]!;
        const cut = at % good.length;
        const text = good.slice(0, cut) + junk + good.slice(cut + junk.length);
        for (const problem of problemsOf({ ...GOOD_BUNDLE, [file]: text })) {
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.column).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
