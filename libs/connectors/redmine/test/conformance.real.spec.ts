import { describeConformance } from '@tieout/connector-kit/conformance';
import { redmine } from '../src/index.js';

/** Where a real Redmine is, whose project and people may be used: `npm run e2e:real` sets it. */
interface RealRedmine {
  readonly url: string;
  readonly key: string;
  readonly approvalField: number;
  readonly activityId: number;
  readonly projectCode: string;
  readonly workDate: string;
}
const real = JSON.parse(process.env['TIEOUT_REAL_REDMINE'] ?? '{}') as RealRedmine;

const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
  const response = await fetch(`${real.url}${path}`, {
    method,
    headers: { 'X-Redmine-API-Key': real.key, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text.trim() === '' ? undefined : JSON.parse(text)) as T;
};
const settings = (values: Record<string, string> = {}) => ({
  values: { url: real.url, key: real.key, pageSize: '100', windowDays: '70', ...values },
  secrets: new Set(['key']),
});

describeConformance({
  connector: redmine,
  start: async () => {
    const { project } = await call<{ project: { id: number } }>('GET', `/projects/${real.projectCode}.json`);
    // Redmine's clock counts seconds; an edit within the second of the creation would not show in updated_on.
    const nextSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000));
    return {
      settings: settings(),
      wrongCredentials: settings({ key: 'no-such-key' }),
      impatient: settings({ requestTimeoutMs: '500' }),
      time: {
        workDate: real.workDate,
        hoursField: 'hours',
        create: async ({ hours, approved }) => {
          const custom_fields = [{ id: real.approvalField, value: approved ? 'Approved' : 'Draft' }];
          const entry = {
            project_id: project.id,
            activity_id: real.activityId,
            spent_on: real.workDate,
            hours,
            custom_fields,
          };
          return String(
            (await call<{ time_entry: { id: number } }>('POST', '/time_entries.json', { time_entry: entry })).time_entry.id,
          );
        },
        edit: async (id, hours) => {
          await nextSecond();
          await call('PUT', `/time_entries/${id}.json`, { time_entry: { hours } });
        },
        remove: (id) => call('DELETE', `/time_entries/${id}.json`),
      },
      masterData: { codes: { project: [real.projectCode] } },
      projects: {
        legalEntityId: 'DE01',
        currency: 'EUR',
        invalid: { name: '' },
        countProjects: async (code) => {
          const { projects } = await call<{ projects: { identifier: string }[] }>('GET', '/projects.json?limit=100');
          return projects.filter(({ identifier }) => identifier === code).length;
        },
        addProject: (identifier) => call('POST', '/projects.json', { project: { identifier, name: identifier } }),
      },
      stop: async () => undefined,
    };
  },
});
