import type { PlannedEntry, Scenario } from '../scenario/scenario.js';
import type { RedmineServer } from '../systems/redmine-server.js';

/** Redmine answers this many at once with its two workers; more only waits. */
const PARALLEL = 4;

export class RedmineApi {
  constructor(private readonly server: RedmineServer) {}

  async request<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.server.url}${path}`, {
      method,
      headers: { 'X-Redmine-API-Key': this.server.key, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Redmine ${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return (text.trim() === '' ? undefined : JSON.parse(text)) as T;
  }

  approval(value: string): { custom_fields: unknown[] } {
    return { custom_fields: [{ id: this.server.approvalField, value }] };
  }
}

/** Runs all, a few at a time, and keeps the order of the results. */
const inParallel = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
};

const createUsers = (api: RedmineApi, server: RedmineServer, scenario: Scenario): Promise<number[]> =>
  inParallel(scenario.people, async ({ code }) => {
    const login = code.toLowerCase();
    const user = {
      login,
      firstname: 'Person',
      lastname: code,
      mail: `${login}@example.com`,
      password: 'Passw0rd!x',
      custom_fields: [{ id: server.employeeField, value: code }],
    };
    return (await api.request<{ user: { id: number } }>('POST', '/users.json', { user })).user.id;
  });

const createProjects = async (api: RedmineApi, scenario: Scenario, userIds: readonly number[]): Promise<number[]> => {
  const { roles } = await api.request<{ roles: { id: number }[] }>('GET', '/roles.json');
  const roleIds = [roles[0]!.id];
  const ids: number[] = [];
  for (const { code, name } of scenario.projects) {
    // Not public: to a caller without a valid key the project does not exist.
    const project = { name, identifier: code, is_public: false, enabled_module_names: ['time_tracking'] };
    const created = await api.request<{ project: { id: number } }>('POST', '/projects.json', { project });
    ids.push(created.project.id);
    await api.request('POST', `/projects/${created.project.id}/memberships.json`, {
      membership: { user_ids: userIds, role_ids: roleIds },
    });
  }
  return ids;
};

/** An entry of the plan as it stands in Redmine. */
export interface RecordedEntry extends PlannedEntry {
  readonly id: number;
}

/** People, projects and entries, through Redmine's own API. */
export const setUpRedmine = async (api: RedmineApi, server: RedmineServer, scenario: Scenario): Promise<RecordedEntry[]> => {
  const userIds = await createUsers(api, server, scenario);
  const projectIds = await createProjects(api, scenario, userIds);
  return inParallel(scenario.entries, async (entry) => {
    const answer = await api.request<{ time_entry: { id: number } }>('POST', '/time_entries.json', {
      time_entry: {
        user_id: userIds[scenario.people.indexOf(entry.person)],
        project_id: projectIds[scenario.projects.indexOf(entry.project)],
        activity_id: server.activities[entry.hundredths % server.activities.length],
        spent_on: entry.date,
        hours: entry.hundredths / 100,
        comments: 'work',
        ...api.approval(entry.approval),
      },
    });
    return { ...entry, id: answer.time_entry.id };
  });
};

export const setApproval = (api: RedmineApi, id: number, value: string): Promise<unknown> =>
  api.request('PUT', `/time_entries/${id}.json`, { time_entry: api.approval(value) });
export const setHours = (api: RedmineApi, id: number, hundredths: number): Promise<unknown> =>
  api.request('PUT', `/time_entries/${id}.json`, { time_entry: { hours: hundredths / 100 } });
export const deleteEntry = (api: RedmineApi, id: number): Promise<unknown> => api.request('DELETE', `/time_entries/${id}.json`);
