import { ManualClock } from '@tieout/clock';
import { readPages, type SourceTimeRecord } from '@tieout/connector-kit';
import { isFault } from '@tieout/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redmine } from '../src/index.js';
import { FakeRedmine } from './fake-redmine.js';

const DAY = '2026-11-16';
const WINDOW = { from: DAY, to: DAY };

describe('redmine', () => {
  let fake: FakeRedmine;
  let url: string;
  beforeEach(async () => {
    fake = new FakeRedmine();
    url = await fake.start();
  });
  afterEach(() => fake.stop());

  const deps = { connection: 'redmine', clock: new ManualClock('2026-11-23T09:00:00.000Z') };
  const config = (values: Record<string, string> = {}) =>
    redmine.parseConfig({ values: { url, key: fake.key, pageSize: '3', ...values }, secrets: new Set(['key']) });
  const source = (values: Record<string, string> = {}) => redmine.timeSource!(config(values), deps);
  const fill = (count: number): number[] =>
    Array.from({ length: count }, (_, i) => fake.add({ hours: i + 0.25, approval: 'Approved', spentOn: DAY }));
  const faultOf = async (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: unknown) => (isFault(error) ? error.kind : String(error)),
    );
  const readKeys = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const page of readPages((cursor) => source().listKeys!(WINDOW, cursor))) keys.push(...page.keys);
    return keys;
  };

  it('flattens an entry into fields that policy can name, without names of people or comments', async () => {
    const id = fake.add({ hours: 7.5, approval: 'Approved', spentOn: DAY });
    const { records } = await source().fetchPage(null);
    const { created_on, updated_on, ...fields } = records[0]!.fields;
    expect([created_on, updated_on]).toEqual(['2026-11-20T08:00:01Z', '2026-11-20T08:00:01Z']);
    expect(fields).toEqual({
      id: String(id),
      'user.id': '11',
      'user.employeeNumber': 'E101',
      'project.id': '1',
      'project.identifier': 'alpha',
      'activity.id': '9',
      'activity.name': 'Development',
      hours: '7.5',
      spent_on: DAY,
      'custom.Approval': 'Approved',
    });
  });

  it('leaves the employee number out where the user has none', async () => {
    fake.add({ hours: 1, approval: 'Approved', spentOn: DAY, userId: 12 });
    const { records } = await source().fetchPage(null);
    expect(Object.keys(records[0]!.fields)).not.toContain('user.employeeNumber');
  });

  it('reads the window again from its start after a full pass', async () => {
    const ids = fill(5).map(String);
    const read = async (start: Record<string, unknown> | null) => {
      const records: SourceTimeRecord[] = [];
      let end: Record<string, unknown> = {};
      for await (const page of readPages((cursor) => source().fetchPage(cursor), start)) {
        records.push(...page.records);
        end = page.next;
      }
      return { ids: records.map((record) => record.sourceId), end };
    };
    const first = await read(null);
    expect(first.ids).toEqual(ids);
    expect((await read(first.end)).ids).toEqual(ids);
  });

  it('does not read work dates before its window', async () => {
    fake.add({ hours: 1, approval: 'Approved', spentOn: '2026-11-01' });
    const inside = fake.add({ hours: 1, approval: 'Approved', spentOn: DAY });
    const { records } = await source({ windowDays: '10' }).fetchPage(null);
    expect(records.map((record) => record.sourceId)).toEqual([String(inside)]);
  });

  it('takes up a project that was added during a pass', async () => {
    fill(4);
    fake.beforePage = (offset) => {
      if (offset === 0) return;
      fake.projects.push({ id: 3, name: 'New', identifier: 'new', status: 1, custom_fields: [] });
      fake.add({ hours: 1, approval: 'Approved', spentOn: DAY, projectId: 3 });
      fake.beforePage = undefined;
    };
    const reader = source();
    const records: SourceTimeRecord[] = [];
    for await (const page of readPages((cursor) => reader.fetchPage(cursor))) records.push(...page.records);
    expect(records.at(-1)!.fields['project.identifier']).toBe('new');
  });

  it('a deletion between two pages of keys makes nothing else look deleted: the list is read again', async () => {
    const [first] = fill(8);
    fake.beforePage = (offset) => {
      if (offset === 0) return;
      fake.remove(first!);
      fake.beforePage = undefined;
    };
    expect(await faultOf(readKeys())).toBe('Unavailable');
    expect(await readKeys()).toHaveLength(7);
  });

  it('a deletion between two pages of a pass begins the pass anew', async () => {
    const ids = fill(8);
    fake.beforePage = (offset) => {
      if (offset === 0) return;
      fake.remove(ids[0]!);
      fake.beforePage = undefined;
    };
    const seen = new Set<string>();
    for await (const page of readPages((cursor) => source().fetchPage(cursor)))
      for (const record of page.records) seen.add(record.sourceId);
    expect(ids.filter((id) => !seen.has(String(id)))).toEqual([]);
  });

  it('a key revoked between the pages is no end of the list', async () => {
    fill(8);
    fake.beforePage = (offset) => {
      if (offset > 0) fake.revoked = true;
    };
    expect(await faultOf(readKeys())).toBe('CredentialsRejected');
  });

  it('entries outside the asked range mean that the filter was ignored', async () => {
    fake.entries.push({ id: 1, spent_on: 12 });
    fake.add({ hours: 1, approval: 'Approved', spentOn: DAY });
    const ignoring: typeof fetch = (input, init) => fetch(String(input).replace(/from=[^&]*&to=[^&]*/, 'f=1'), init);
    const reader = redmine.timeSource!(config(), { ...deps, fetch: ignoring });
    expect(await faultOf(reader.listKeys!({ from: '2026-01-01', to: '2026-01-31' }, null))).toBe('ContractBroken');
  });
});
