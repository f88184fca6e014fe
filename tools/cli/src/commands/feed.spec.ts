import { ID, OTHER, request } from '../../test/answers.js';
import { eachCommand } from '../../test/each-command.js';
import { problem } from '../../test/fake-services.js';

const planned = {
  dryRun: true,
  documentsToReadBack: 3,
  linesToRetry: 1,
  targets: 1200,
  linesToPost: 4,
  linesToReverse: 2,
  linesToCancel: 0,
};
const needed = problem(409, 'second-person-needed', {
  title: 'A second person must agree',
  detail: 'By policy replay of 1200 lines, 480000.00 EUR needs a second person.',
  subject: 'cmd.posting.replay.v1',
  command: { by: 'destination', destination: 'erp-de', dryRun: false },
  size: { lines: 1200, hours: '9600', amounts: { EUR: '480000.00' } },
});

eachCommand('replay', [
  ['replay --destination erp-de', { 'POST erp-posting/operations/replay': planned }],
  [
    'replay --feed payroll --from 2026-11-01 --to 2026-11-08T00:00:00Z --yes',
    { 'POST payroll-feed/operations/replay': { ...planned, dryRun: false } },
  ],
  [`replay --entry ${ID},${OTHER} --destination erp-de`, { 'POST erp-posting/operations/replay': planned }],
  [`replay --feed warehouse --document ${ID} --document ${OTHER}`, { 'POST analytics-feed/operations/replay': planned }],
  ['replay', {}, 2],
  ['replay --from 2026-11-01', {}, 2],
  [`replay --entry ${ID} --document ${OTHER}`, {}, 2],
  [
    "replay --destination erp-de --yes --why 'the ERP lost a week'",
    { 'POST erp-posting/operations/replay': needed, 'POST governance/requests': request() },
    6,
  ],
  [
    'replay --destination nowhere --yes',
    {
      'POST erp-posting/operations/replay': problem(422, 'operation-refused', {
        detail: '"nowhere" is no destination of this feed',
      }),
    },
    3,
  ],
]);

const window = '--destination erp-de --from 2026-11-01 --to 2026-11-30';
eachCommand('what reads the destination', [
  [
    `adopt ${window}`,
    {
      'POST erp-posting/operations/adopt': {
        dryRun: true,
        matched: 310,
        ambiguous: [{ ours: ['a', 'b'], theirs: ['JE-1/3'] }],
        unmatched: ['JE-2/1'],
      },
    },
    1,
  ],
  [
    `adopt ${window} --yes`,
    { 'POST erp-posting/operations/adopt': { dryRun: false, matched: 310, ambiguous: [], unmatched: [] } },
  ],
  [
    'restore --from 2026-11-01 --to 2026-11-30',
    {
      'POST erp-posting/operations/restore': [
        {
          dryRun: true,
          destination: 'erp-de',
          documents: 40,
          documentsTaken: 2,
          linesAdopted: 90,
          linesForgotten: 1,
          unreadable: ['line 7: the text is cut off'],
        },
        { refused: '"x" is no destination of this feed' },
      ],
    },
    1,
  ],
  [
    `restore ${window} --yes`,
    {
      'POST erp-posting/operations/restore': [
        {
          dryRun: false,
          destination: 'erp-de',
          documents: 40,
          documentsTaken: 2,
          linesAdopted: 90,
          linesForgotten: 0,
          unreadable: [],
        },
      ],
    },
  ],
  [
    `reverse-surplus --line ${ID}`,
    { 'POST erp-posting/operations/reverse-surplus': { dryRun: true, documents: 1, lines: 12, refused: ['JE-9: not ours'] } },
    1,
  ],
]);

eachCommand('what cannot be rehearsed', [
  [
    `settle ${ID} --booked JE-77`,
    {
      [`GET erp-posting/documents/${ID}`]: {
        state: 'unknown',
        unknownWhy: 'no-look-up',
        destination: 'erp-de',
        totals: { amounts: { EUR: '400.00' } },
        lines: [{}, {}],
      },
    },
  ],
  [`settle ${ID} --booked JE-77 --yes`, { 'POST erp-posting/operations/settle': { settled: true } }],
  [
    `settle ${ID} --not-booked --yes`,
    { 'POST erp-posting/operations/settle': { settled: false, why: 'the document is confirmed' } },
    1,
  ],
  [`settle ${ID}`, {}, 2],
  [
    "lock --feed payroll --destination bureau --reason 'before go-live'",
    { 'GET payroll-feed/operations/locked': { destinations: ['other'] } },
  ],
  ["lock --destination erp-de --reason 'before go-live' --yes", { 'POST erp-posting/operations/lock': { locked: ['erp-de'] } }],
  ["open --destination erp-de --reason 'adopted' --yes", { 'POST erp-posting/operations/open': { locked: [] } }],
  [`retry --line ${ID}`],
  [
    `retry --line ${ID},${OTHER} --yes`,
    { 'POST erp-posting/postings/retry': { retried: 1, refused: [{ postingKey: OTHER, why: 'it is confirmed' }] } },
    1,
  ],
]);
