import { ManualClock } from '@tieout/clock';
import { describeConformance } from '@tieout/connector-kit/conformance';
import { redmine } from '../src/index.js';
import { FakeRedmine } from './fake-redmine.js';

const WORK_DATE = '2026-11-16';

describeConformance({
  connector: redmine,
  start: async () => {
    const fake = new FakeRedmine();
    const url = await fake.start();
    const settings = (values: Record<string, string> = {}) => ({
      values: { url, key: fake.key, pageSize: '3', ...values },
      secrets: new Set(['key']),
    });
    return {
      settings: settings(),
      wrongCredentials: settings({ key: 'wrong-key' }),
      impatient: settings({ requestTimeoutMs: '500' }),
      clock: new ManualClock('2026-11-23T09:00:00.000Z'),
      time: {
        workDate: WORK_DATE,
        hoursField: 'hours',
        create: async ({ hours, approved }) =>
          String(fake.add({ hours: Number(hours), approval: approved ? 'Approved' : 'Draft', spentOn: WORK_DATE })),
        edit: async (id, hours) => fake.edit(Number(id), Number(hours)),
        remove: async (id) => fake.remove(Number(id)),
        createMalformed: async () => {
          fake.entries.push({ id: 77001, spent_on: WORK_DATE, hours: null, user: { id: 11 }, project: { id: 1 } });
          return '77001';
        },
      },
      masterData: { codes: { project: ['alpha', 'beta'] } },
      projects: {
        legalEntityId: 'DE01',
        currency: 'EUR',
        invalid: { name: '' },
        countProjects: async (code) => fake.projects.filter(({ identifier }) => identifier === code).length,
        addProject: async (code) =>
          void fake.projects.push({ id: 900 + fake.projects.length, identifier: code, name: code, status: 1 }),
      },
      stop: () => fake.stop(),
    };
  },
});
