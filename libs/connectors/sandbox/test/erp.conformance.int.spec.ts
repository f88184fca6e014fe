import { describeConformance } from '@tieout/connector-kit/conformance';

// eslint-disable-next-line @nx/enforce-module-boundaries -- the sandbox is the vendor here
import { startSandboxErp, type PanelSettings } from '@tieout/sandbox';
import { sandboxErp } from '../src/index.js';

/** What the ERP offers, and the settings that tell the connector so. */
const VARIANTS: readonly [name: string, panel: Partial<PanelSettings>, settings: Record<string, string>][] = [
  ['native idempotency key', {}, {}],
  ['upsert by reference', { protocol: 'upsert' }, { protocol: 'upsert' }],
  ['draft, then post', { protocol: 'draft-then-post' }, { protocol: 'draft-then-post' }],
  ['look-up only', { protocol: 'look-up' }, { protocol: 'look-up' }],
  ['neither key nor look-up', { protocol: 'none' }, { protocol: 'none' }],
  ['parts accepted', { partialAcceptance: true }, { partialAcceptance: 'true' }],
  ['answers later', { answersLater: true, bookAfterMs: 60 }, { answersLater: 'true' }],
  [
    'upsert, answered later',
    { protocol: 'upsert', answersLater: true, bookAfterMs: 60 },
    { protocol: 'upsert', answersLater: 'true' },
  ],
  ['bad lines not named', { namesBadLines: false, readLagMs: 100 }, { readLagMs: '100' }],
  ['filters ignored', { protocol: 'look-up' }, { protocol: 'look-up' }],
];

for (const [variant, panel, settings] of VARIANTS)
  describeConformance({
    connector: sandboxErp,
    variant,
    start: async () => {
      const erp = await startSandboxErp({ panel });
      if (variant === 'filters ignored') erp.panel.arm({ kind: 'ignore-filters', times: 0 });
      erp.state.putCompany('DE01', 'EUR');
      erp.state.putPeriod({ company: 'DE01', name: '2026-10', from: '2026-10-01', to: '2026-10-31', state: 'closed' });
      erp.state.putPeriod({ company: 'DE01', name: '2026-11', from: '2026-11-01', to: '2026-11-30', state: 'open' });
      erp.state.addCodes('accounts', ['5100', '2100']);
      erp.state.addCodes('employees', ['E1001']);
      erp.state.addCodes('projects', ['P-100']);
      erp.lists.put('projects', { id: 'p1', number: 'P-1', company: 'DE01' });
      const values = { url: erp.url, key: erp.key, pageSize: '3', settleMs: '500', readLagMs: '0', ...settings };
      const secrets = new Set(['key']);
      return {
        settings: { values, secrets },
        wrongCredentials: { values: { ...values, key: 'wrong' }, secrets },
        impatient: { values: { ...values, requestTimeoutMs: '200' }, secrets },
        masterData: { codes: { 'accounting-period': ['DE01/2026-10', 'DE01/2026-11'], project: ['P-1'] } },
        posting: {
          legalEntityId: 'DE01',
          currency: 'EUR',
          openPeriod: '2026-11',
          openDate: '2026-11-20',
          closedPeriod: '2026-10',
          closedDate: '2026-10-20',
          workerCode: 'E1001',
          projectCode: 'P-100',
          taskCode: 'DEV',
          costCentre: 'CC-1',
          account: '5100',
          balancingAccount: '2100',
          invalidLine: { workerCode: 'E9999' },
          keepsMembers: true,
          writes: ({ method, url }) => (method === 'GET' ? undefined : url.includes('draft=true') ? 'draft' : 'post'),
          // What is queued counts: it will stand there.
          countDocuments: (reference, { lines }) =>
            Promise.resolve(
              panel.protocol === 'none'
                ? erp.state.byLineRef(lines[0]!.postingKey).length
                : erp.state.byReference(reference).length +
                    erp.state.draftsOf(reference).length +
                    erp.state.queued(reference).length,
            ),
        },
        projects: {
          legalEntityId: 'DE01',
          currency: 'EUR',
          invalid: { currency: 'USD' },
          countProjects: async (code) => erp.lists.filter('projects', (project) => project['number'] === code).length,
          addProject: async (code) => erp.lists.put('projects', { id: code, number: code, company: 'DE01' }),
        },
        stop: () => erp.stop(),
      };
    },
  });
