import { bundle, ID } from '../../test/answers.js';
import { eachCommand } from '../../test/each-command.js';
import { inTurn, problem } from '../../test/fake-services.js';

const BUNDLE = `governance/policy/bundles/${ID}`;
const running = {
  planId: 'p',
  bundleId: ID,
  askedBy: 'user:ana',
  askedAt: '2026-11-23T12:00:00.000Z',
  days: 30,
  state: 'running',
  done: 0,
  total: 0,
  problem: null,
  report: null,
  finishedAt: null,
};
const example = {
  entryId: ID,
  workerCode: 'W-1',
  projectCode: 'P-100',
  workDate: '2026-11-19',
  hours: '7.5',
  before: 'released',
  after: 'INACTIVE_PROJECT',
};
const report = {
  activeDigest: 'a'.repeat(64),
  candidateDigest: 'b'.repeat(64),
  days: 30,
  entries: 100_000,
  seconds: 4.2,
  legalEntities: [
    {
      legalEntityId: 'DE01',
      entries: 60_000,
      unchanged: 59_800,
      changes: [
        {
          change: 'newly-held',
          entries: 150,
          hours: '1125',
          amounts: { EUR: '95625.00' },
          examples: Array.from({ length: 5 }, () => example),
        },
        { change: 'amount', entries: 50, hours: '375', amounts: { EUR: '-12.50' }, examples: [] },
      ],
    },
    { legalEntityId: 'US01', entries: 40_000, unchanged: 40_000, changes: [] },
  ],
};
const done = { ...running, state: 'done', done: 100_000, total: 100_000, report, finishedAt: '2026-11-23T12:00:05.000Z' };
const known = { [`GET ${BUNDLE}`]: bundle({ state: 'draft', proposal: null }) };

eachCommand('policy plan', [
  [
    `policy plan ${ID} --days 14 --examples 2`,
    {
      ...known,
      [`POST ${BUNDLE}/plan`]: running,
      [`GET ${BUNDLE}/plan`]: inTurn(
        { ...running, done: 50_000, total: 100_000 },
        { ...running, done: 50_000, total: 100_000 },
        done,
      ),
    },
  ],
  [`policy plan ${ID} --last`, { ...known, [`GET ${BUNDLE}/plan`]: { ...running, done: 7, total: 9 } }],
  [`policy plan ${ID} --last --examples 0`, { ...known, [`GET ${BUNDLE}/plan`]: done }],
  [`policy plan ${ID} --last`, { ...known, [`GET ${BUNDLE}/plan`]: problem(404, 'no-such-plan') }, 3],
  [
    `policy plan ${ID}`,
    { ...known, [`POST ${BUNDLE}/plan`]: { ...running, state: 'failed', problem: 'time-ingestion cannot compile it' } },
    1,
  ],
  [
    `policy plan ${ID} --timeout 1`,
    { ...known, [`POST ${BUNDLE}/plan`]: running, [`GET ${BUNDLE}/plan`]: { ...running, done: 3, total: 9 } },
    4,
  ],
  [
    `policy show ${ID}`,
    {
      [`GET ${BUNDLE}`]: bundle({
        plan: {
          ...done,
          report: undefined,
          entries: 100_000,
          unchanged: 99_800,
          activeDigest: 'a'.repeat(64),
          changes: report.legalEntities[0]!.changes,
        },
        approvedWith: [],
      }),
    },
  ],
]);
