import { describeConformance } from '@tieout/connector-kit/conformance';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the sandbox is the vendor here
import { startSandboxPsa } from '@tieout/sandbox';
import { sandboxPsa } from '../src/index.js';

describeConformance({
  connector: sandboxPsa,
  start: async () => {
    const psa = await startSandboxPsa();
    psa.lists.put('clients', { id: 'C-1', number: 'C-1', name: 'Acme' });
    for (const n of [100, 101, 102, 103])
      psa.lists.put('projects', { id: `p${n}`, code: `P-${n}`, company: 'DE01', client: 'C-1', billable: true, teamOnly: false });
    psa.lists.put('tasks', { id: 't1', project: 'P-100', code: 'DEV' });
    psa.lists.put('assignments', { id: 'a1', project: 'P-100', employee: 'E1001', from: '2026-01-01' });
    psa.lists.put('bill-rates', {
      id: 'b1',
      project: 'P-100',
      rates: [{ effective: '2026-01-01', hourly: '150.00', currency: 'EUR' }],
    });
    psa.lists.put('bill-rates', {
      id: 'b2',
      project: 'P-100',
      employee: 'E1001',
      rates: [{ effective: '2026-01-01', hourly: '180.00', currency: 'EUR' }],
    });
    psa.lists.put('approvers', { id: 'ap1', employee: 'E1000', level: 'company', of: 'DE01', from: '2026-01-01' });
    psa.lists.put('approvers', { id: 'ap2', employee: 'E1000', level: 'person', of: 'E1001' });
    psa.lists.put('milestones', {
      id: 'm1',
      project: 'P-100',
      code: 'START',
      amount: '5000.00',
      currency: 'EUR',
      reachedOn: '2026-02-01',
      status: 'billed',
    });
    const values = { url: psa.url, key: psa.key, pageSize: '3', overlap: '2', webhookSecret: 's' };
    const secrets = new Set(['key', 'webhookSecret']);
    const base = { employee: 'E1001', project: 'P-100', activity: 'Consulting', date: '2026-11-20', billable: true };
    return {
      settings: { values, secrets },
      wrongCredentials: { values: { ...values, key: 'wrong' }, secrets },
      impatient: { values: { ...values, requestTimeoutMs: '200' }, secrets },
      masterData: {
        codes: {
          client: ['C-1'],
          project: ['P-100', 'P-101', 'P-102', 'P-103'],
          task: ['P-100/DEV'],
          assignment: ['P-100/E1001'],
          'bill-rate': ['P-100', 'P-100/E1001'],
          'approver-right': ['legal-entity:DE01/E1000', 'worker:E1001/E1000'],
          'billing-milestone': ['P-100/START'],
        },
      },
      time: {
        workDate: base.date,
        hoursField: 'hours',
        create: ({ hours, approved }) => {
          const { id } = psa.timesheets.create({ ...base, hours });
          if (approved) psa.timesheets.decide(id, 'approved', 'E1000');
          return Promise.resolve(id);
        },
        edit: (id, hours) => {
          psa.timesheets.decide(id, 'submitted');
          psa.timesheets.edit(id, { hours });
          psa.timesheets.decide(id, 'approved', 'E1000');
          return Promise.resolve();
        },
        remove: (id) => Promise.resolve(psa.timesheets.remove(id)),
        createMalformed: () => {
          psa.timesheets.import([{ ...base, id: 'LEGACY-1', hours: 'eight', status: 'approved' }]);
          return Promise.resolve('LEGACY-1');
        },
      },
      projects: {
        legalEntityId: 'DE01',
        currency: 'EUR',
        client: 'C-1',
        invalid: { client: 'C-9' },
        countProjects: async (code) => psa.lists.filter('projects', (project) => project['code'] === code).length,
        addProject: async (code) => psa.lists.put('projects', { id: code, code, company: 'DE01', client: 'C-1' }),
      },
      stop: () => psa.stop(),
    };
  },
});
