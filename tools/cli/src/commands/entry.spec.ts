import { entryIdOf } from '@tieout/model';
import { ID, override, OTHER } from '../../test/answers.js';
import { eachCommand } from '../../test/each-command.js';
import { problem } from '../../test/fake-services.js';

const ENTRY = entryIdOf('psa', 'T:4711');
const AT = '2026-11-20T18:00:00.000Z';
const content = { workerCode: 'W-1', projectCode: 'P-100', taskCode: 'T1', workDate: '2026-11-19', hours: '7.5' };
const time = {
  entry: {
    entry_id: ENTRY,
    connection: 'psa',
    source_id: 'T:4711',
    legal_entity_id: 'DE01',
    verdict: 'released',
    version_no: 2,
    release_no: 1,
    content,
    deleted: false,
    policy_digest: 'd'.repeat(64),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
  versions: [
    { version_no: 1, content: { ...content, hours: '7' }, approval: null, deleted: false, received_at: AT },
    { version_no: 2, content, approval: { by: 'W-9', at: AT }, deleted: false, received_at: AT },
  ],
  decisions: [
    {
      decision_no: 1,
      version_no: 2,
      release_no: null,
      kind: 'held',
      body: { refusals: [{ reason: 'INACTIVE_PROJECT' }, { reason: 'CLOSED_TASK' }] },
      policy_digest: 'c'.repeat(64),
      decided_at: AT,
    },
    {
      decision_no: 2,
      version_no: 2,
      release_no: 1,
      kind: 'released',
      body: { override: { overrideId: ID, approvedBy: 'user:fay', reasons: ['INACTIVE_PROJECT'] } },
      policy_digest: 'd'.repeat(64),
      decided_at: AT,
    },
  ],
};
const line = {
  postingKey: OTHER,
  destination: 'erp-de',
  releaseNo: 1,
  leg: 'labour-cost',
  kind: 'post',
  state: 'confirmed',
  hours: '7.5',
  amount: '637.50',
  currency: 'EUR',
  postingPeriod: 'DE01/2026-11',
  documentKey: ID,
  externalId: 'JE-77',
};
const blocked = {
  ...line,
  destination: 'bureau',
  state: 'pending',
  documentKey: undefined,
  externalId: undefined,
  blocked: { reason: 'NO_OPEN_PERIOD', detail: 'no run is open' },
};
const document = {
  documentKey: ID,
  destination: 'erp-de',
  state: 'confirmed',
  externalId: 'JE-77',
  postingPeriod: 'DE01/2026-11',
  postedAt: AT,
  confirmedAt: AT,
  message: null,
  lines: [{ workerCode: 'somebody else' }],
  attempts: [
    { fence: 1, step: 'send', outcome: 'unknown', detail: 'time-out', at: AT },
    { fence: 2, step: 'look-up', outcome: 'found', detail: 'JE-77', at: AT },
  ],
};
const whole = {
  [`GET time-ingestion/entries/${ENTRY}`]: time,
  [`GET time-ingestion/entries/${ENTRY}/source-records`]: {
    items: [{ payload: { id: 'T:4711', hours: '7.5' }, sourceUpdatedAt: AT, sourceRevision: 3, receivedAt: AT }],
  },
  [`GET erp-posting/postings?entryId=${ENTRY}`]: { entryId: ENTRY, postings: [line] },
  [`GET erp-posting/documents/${ID}`]: document,
  [`GET payroll-feed/postings?entryId=${ENTRY}`]: { entryId: ENTRY, postings: [blocked] },
  [`GET analytics-feed/postings?entryId=${ENTRY}`]: { entryId: ENTRY, postings: [] },
  [`GET reconciliation/entries/${ENTRY}`]: {
    entryId: ENTRY,
    status: { state: 'released', routes: ['erp-de', 'bureau'], decidedAt: AT },
    differences: [
      {
        reason: 'MISSING_IN_DESTINATION',
        destination: 'bureau',
        detail: '7.5 h are not there',
        foundAt: AT,
        resolvedAt: null,
        acceptedBy: null,
        acceptedReason: null,
      },
      {
        reason: 'AMOUNT_DIFFERS',
        destination: 'erp-de',
        detail: 'released 400 EUR, destination 399.50 EUR',
        foundAt: AT,
        resolvedAt: null,
        acceptedBy: 'user:finn',
        acceptedReason: 'written off',
      },
    ],
    lastRun: { runId: ID, asOf: AT, tiesOut: false },
  },
  [`GET exception-management/entries/${ENTRY}/cases`]: {
    items: [
      {
        caseId: ID,
        reason: 'NO_OPEN_PERIOD',
        groupKey: 'x',
        state: 'open',
        severity: 'critical',
        owner: 'payroll-operations',
        dueAt: AT,
        detail: 'no run is open',
      },
    ],
  },
  [`GET governance/overrides?entryId=${ENTRY}`]: { items: [override({ state: 'active', entryId: ENTRY })] },
};
const away = {
  [`GET time-ingestion/entries/${ENTRY}`]: {
    ...time,
    entry: { ...time.entry, verdict: 'held', traceparent: null, deleted: true },
  },
  ...Object.fromEntries(
    ['time-ingestion/entries/<id>/source-records', 'reconciliation/entries/<id>', 'exception-management/entries/<id>/cases'].map(
      (path) => [`GET ${path.replace('<id>', ENTRY)}`, problem(503, 'unavailable', { detail: 'The database is away.' })],
    ),
  ),
  [`GET erp-posting/postings`]: { postings: [] },
  [`GET payroll-feed/postings`]: { postings: [] },
  [`GET analytics-feed/postings`]: { postings: [] },
  [`GET governance/overrides`]: { items: [] },
};

eachCommand('entry', [
  ['entry lineage psa:T:4711', whole],
  [`entry lineage ${ENTRY}`, away, 1],
  [
    `entry lineage ${ENTRY}`,
    { [`GET time-ingestion/entries/${ENTRY}`]: problem(404, 'entry-not-found', { title: 'No such time entry' }) },
    3,
  ],
  [
    'entry list --verdict held --legal-entity DE01 --limit 1',
    {
      'GET time-ingestion/entries?verdict=held&legalEntityId=DE01&limit=1': {
        items: [
          {
            entryId: ENTRY,
            connection: 'psa',
            sourceId: 'T:4711',
            legalEntityId: 'DE01',
            workDate: '2026-11-19',
            hours: '7.5',
            verdict: 'held',
            releaseNo: 0,
            refusals: [{ reason: 'CLOSED_TASK' }],
          },
        ],
        next: ENTRY,
      },
    },
  ],
  [`entry reassess --entry ${ID} --entry ${OTHER}`],
  [`entry reassess --entry ${ID} --yes`, { 'POST time-ingestion/entries/reassess': { marked: 1 } }],
]);
