import { ID, override, OTHER, request } from '../../test/answers.js';
import { eachCommand } from '../../test/each-command.js';
import { problem } from '../../test/fake-services.js';

const answeredNo = {
  allowed: false,
  why: 'freeze "year end" of erp-de',
  opensAt: '2026-12-01T00:00:00.000Z',
  blockedBy: 'freeze',
  service: 'erp-posting',
  environment: 'production',
  at: '2026-11-23T12:00:00.000Z',
  policy: { environment: 'production', revision: 7, digest: 'd1413b059c323faddb6d' },
  notes: ['revision 6 of the policy was an emergency change whose review was due'],
};
const span = {
  from: '2026-11-30T17:00:00.000Z',
  to: '2026-12-02T05:00:00.000Z',
  kind: 'close',
  name: 'close of November',
  legalEntities: ['DE01'],
  blocks: ['deployments', 'activations'],
};

eachCommand('calendar', [
  [
    'deploy check --service erp-posting --env production',
    { 'GET governance/deploy-check?service=erp-posting&environment=production&change=deployment': answeredNo },
    1,
  ],
  [
    'deploy check --service erp-posting --environment test --at 2026-11-24T09:00:00+01:00 --change mapping --legal-entity DE01',
    {
      'GET governance/deploy-check?service=erp-posting&environment=test&at=2026-11-24T08%3A00%3A00.000Z&change=mapping&legalEntityId=DE01':
        {
          ...answeredNo,
          allowed: true,
          why: undefined,
          blockedBy: undefined,
          opensAt: undefined,
          until: '2026-11-30T17:00:00.000Z',
          notes: [],
        },
    },
  ],
  [
    'deploy check --service nobody',
    {
      'GET governance/deploy-check': problem(404, 'unknown-service', {
        detail: 'No service is called "nobody".',
        whatToDo: 'Use one of erp-posting.',
      }),
    },
    3,
  ],
  [
    'calendar show --days 14',
    {
      'GET governance/change-calendar?from=2026-11-23T12%3A00%3A00.000Z&to=2026-12-07T12%3A00%3A00.000Z': {
        items: [span, { ...span, legalEntities: undefined, kind: 'holiday', name: 'Christmas', blocks: [] }],
      },
    },
  ],
  ['calendar show --from 2026-12-01 --to 2026-12-31 --region EMEA', { 'GET governance/change-calendar': { items: [] } }],
]);

eachCommand('contracts', [
  [
    'contracts list --owner time --kind event --status deprecated --consumer payroll',
    {
      'GET governance/contracts?owner=time&consumer=payroll&kind=event&status=deprecated': {
        items: [
          {
            id: 'time.entry.held.v1',
            kind: 'event',
            says: 'held',
            owner: { context: 'time', team: 'time' },
            consumers: ['payroll', 'exception'],
            status: { state: 'deprecated', since: '2026-11-01', until: '2027-05-31', instead: 'time.entry.held.v2' },
          },
        ],
      },
    },
  ],
  ['contracts list', { 'GET governance/contracts': { items: [] } }],
]);

eachCommand('overrides', [
  [
    `override request --entry ${OTHER} --reason INACTIVE_PROJECT,CLOSED_TASK --until 2026-12-31T23:00:00Z --why 'the client asked for it'`,
    { [`GET time-ingestion/entries/${OTHER}`]: { entry: { legal_entity_id: 'DE01' } }, 'POST governance/overrides': override() },
  ],
  [
    `override list --state active --entry ${OTHER}`,
    {
      [`GET governance/overrides?state=active&entryId=${OTHER}&limit=50`]: {
        items: [override({ state: 'active', approvals: [{ actor: 'user:fay', role: 'finance' }] })],
      },
    },
  ],
  [`override show ${ID}`, { [`GET governance/overrides/${ID}`]: override() }],
  [
    `override approve ${ID} --role finance`,
    {
      [`GET governance/overrides/${ID}`]: override(),
      [`POST governance/overrides/${ID}/approve`]: override({ state: 'active' }),
    },
  ],
  [`override approve ${ID}`, { [`GET governance/overrides/${ID}`]: override({ state: 'ended' }) }, 2],
  [`override reject ${ID} --why no`, { [`POST governance/overrides/${ID}/reject`]: override({ state: 'rejected' }) }],
  [`override withdraw ${ID} --why no`, { [`POST governance/overrides/${ID}/withdraw`]: override({ state: 'withdrawn' }) }],
  [
    `override end ${ID} --why 'no longer needed'`,
    {
      [`POST governance/overrides/${ID}/end`]: override({
        state: 'ended',
        closing: { at: '2026-11-24T08:00:00.000Z', by: 'user:fay', why: 'no longer needed' },
      }),
    },
  ],
]);

eachCommand('requests', [
  [
    'request list --state open',
    { 'GET governance/requests?state=open&limit=50': { items: [request(), request({ size: null })] } },
  ],
  [
    `request show ${ID}`,
    {
      [`GET governance/requests/${ID}`]: request({
        state: 'done',
        approvedBy: 'user:otto',
        approvedAt: '2026-11-23T10:00:00.000Z',
        outcome: { linesToPost: 1200 },
        command: { entryIds: Array.from({ length: 12 }, (_, n) => `entry ${n}`) },
      }),
    },
  ],
  [
    `request approve ${ID}`,
    {
      [`GET governance/requests/${ID}`]: request(),
      [`POST governance/requests/${ID}/approve`]: request({
        state: 'approved',
        approvedBy: 'user:otto',
        approvedAt: '2026-11-23T10:00:00.000Z',
      }),
    },
  ],
  [
    `request approve ${ID}`,
    {
      [`GET governance/requests/${ID}`]: request(),
      [`POST governance/requests/${ID}/approve`]: problem(403, 'self-approval', { detail: 'user:olga asked for it.' }),
    },
    3,
  ],
  [
    `request reject ${ID} --why 'not today'`,
    {
      [`POST governance/requests/${ID}/reject`]: request({
        state: 'rejected',
        closing: { at: '2026-11-23T10:00:00.000Z', by: 'user:otto', why: 'not today' },
      }),
    },
  ],
  [`request withdraw ${ID} --why 'never mind'`, { [`POST governance/requests/${ID}/withdraw`]: request({ state: 'withdrawn' }) }],
]);
