import { canonicalJson, sameDecimal } from '@tieout/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPages } from '../paging.js';
import type { Cursor, SourceTimeRecord, TimePage, TimeSource } from '../time-source.js';
import { itReadsFaultsTruly } from './faults.js';
import type { SuiteContext } from './context.js';
import type { TimeFixture } from './subject.js';

interface Reading {
  readonly records: readonly SourceTimeRecord[];
  readonly malformed: TimePage['malformed'];
  readonly pages: number;
  readonly end: Cursor;
}

/** Cursors are stored as JSON between polls; what does not survive that is lost. */
const stored = (cursor: Cursor): Cursor => JSON.parse(JSON.stringify(cursor)) as Cursor;

const readAll = async (source: TimeSource, start: Cursor | null = null, between?: () => Promise<void>): Promise<Reading> => {
  const records: SourceTimeRecord[] = [];
  const malformed: TimePage['malformed'][number][] = [];
  let pages = 0;
  let end: Cursor = start ?? {};
  for await (const page of readPages((cursor) => source.fetchPage(cursor && stored(cursor)), start)) {
    records.push(...page.records);
    malformed.push(...page.malformed);
    end = stored(page.next);
    pages += 1;
    if (pages === 1) await between?.();
  }
  return { records, malformed, pages, end };
};

const latest = (reading: Reading, sourceId: string): SourceTimeRecord => {
  const found = reading.records.filter((record) => record.sourceId === sourceId).at(-1);
  if (!found)
    throw new Error(`record ${sourceId} was not read; read: ${reading.records.map((record) => record.sourceId).join(', ')}`);
  return found;
};

const create = async (fixture: TimeFixture, count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 1; i <= count; i += 1) ids.push(await fixture.create({ hours: `${i}.25`, approved: i % 3 !== 0 }));
  return ids;
};

const listAll = async (source: TimeSource, fixture: TimeFixture): Promise<readonly string[]> => {
  const keys: string[] = [];
  let total: number | undefined;
  const window = { from: fixture.workDate, to: fixture.workDate };
  for await (const page of readPages((cursor) => source.listKeys!(window, cursor && stored(cursor)))) {
    keys.push(...page.keys);
    total = page.total ?? total;
  }
  expect(new Set(keys).size).toBe(keys.length);
  if (total !== undefined) expect(total).toBe(keys.length);
  return keys;
};

export const describeTime = (context: SuiteContext): void => {
  const declared = context.connector.manifest.time!;
  const open = (): TimeSource => context.connector.timeSource!(context.config(), context.deps());

  describe('time', () => {
    let fixture: TimeFixture;
    let ids: string[];
    beforeAll(async () => {
      fixture = context.fixture('time');
      ids = await create(fixture, fixture.recordsForPaging ?? 7);
    });

    it('accepts good credentials', async () => {
      await open().verifyAccess();
    });

    it('reads every record over several pages, and the same record the same way twice', async () => {
      const first = await readAll(open());
      expect(first.pages).toBeGreaterThan(1);
      for (const [i, id] of ids.entries())
        expect(sameDecimal(latest(first, id).fields[fixture.hoursField] ?? '', `${i + 1}.25`)).toBe(true);
      const second = await readAll(open());
      for (const id of ids) expect(canonicalJson(latest(second, id))).toBe(canonicalJson(latest(first, id)));
    });

    it('loses no record when one is inserted between two pages', async () => {
      let inserted = '';
      const first = await readAll(open(), null, async () => {
        inserted = await fixture.create({ hours: '0.5', approved: true });
      });
      const rest = await readAll(open(), first.end);
      const seen = new Set([...first.records, ...rest.records].map((record) => record.sourceId));
      expect([...ids, inserted].filter((id) => !seen.has(id))).toEqual([]);
    });

    it('goes on from its cursor: a change shows, and what overlaps is unchanged', async () => {
      const before = await readAll(open());
      await fixture.edit(ids[0]!, '3.75');
      const after = await readAll(open(), before.end);
      const changed = latest(after, ids[0]!);
      expect(sameDecimal(changed.fields[fixture.hoursField] ?? '', '3.75')).toBe(true);
      const old = latest(before, ids[0]!);
      const rises = (a: number | string | undefined, b: number | string | undefined): boolean =>
        a !== undefined && b !== undefined && a < b;
      if (old.sourceRevision !== undefined) expect(rises(old.sourceRevision, changed.sourceRevision)).toBe(true);
      const others = after.records.filter((record) => record.sourceId !== ids[0]);
      for (const record of others) expect(canonicalJson(record)).toBe(canonicalJson(latest(before, record.sourceId)));
      const idle = await readAll(open(), after.end);
      for (const record of idle.records)
        expect(canonicalJson(record)).toBe(canonicalJson(record.sourceId === ids[0] ? changed : latest(before, record.sourceId)));
    });

    it('shows a deletion as the manifest declares', async ({ skip }) => {
      if (!fixture.remove || declared.deletions === 'none') return skip('the system cannot delete');
      const doomed = await fixture.create({ hours: '1', approved: true });
      const before = await readAll(open());
      if (declared.deletions === 'key-sweep') expect(await listAll(open(), fixture)).toContain(doomed);
      await fixture.remove(doomed);
      if (declared.deletions === 'feed') {
        expect(latest(await readAll(open(), before.end), doomed).deleted).toBe(true);
        return;
      }
      const keys = await listAll(open(), fixture);
      expect(keys).not.toContain(doomed);
      expect(ids.filter((id) => !keys.includes(id))).toEqual([]);
    });

    it('fetches single records, and says which no longer exist', async ({ skip }) => {
      const source = open();
      if (!source.fetchRecords || !fixture.remove) return skip('no single fetch');
      const doomed = await fixture.create({ hours: '2', approved: true });
      await fixture.remove(doomed);
      const { records } = await source.fetchRecords([ids[1]!, doomed]);
      expect(records.map((record) => [record.sourceId, record.deleted ?? false]).sort()).toEqual(
        [
          [ids[1], false],
          [doomed, true],
        ].sort(),
      );
    });

    it('isolates a malformed record: named, and the rest of the page goes on', async ({ skip }) => {
      if (!fixture.createMalformed) return skip('the vendor cannot hold one');
      const name = await fixture.createMalformed();
      const good = await fixture.create({ hours: '1.5', approved: true });
      const reading = await readAll(open());
      const bad = reading.malformed.filter((record) => `${record.recordKey} ${record.where}`.includes(name));
      expect(bad.length).toBeGreaterThan(0);
      for (const record of bad) expect(record.why.length).toBeGreaterThan(10);
      expect(latest(reading, good).sourceId).toBe(good);
    });

    itReadsFaultsTruly(context, (config, deps) => {
      const source = context.connector.timeSource!(config, deps);
      return {
        verifyAccess: () => source.verifyAccess(),
        fetchPage: () => source.fetchPage(null),
        ...(source.listKeys && { listKeys: () => source.listKeys!({ from: fixture.workDate, to: fixture.workDate }, null) }),
        ...(source.fetchRecords && { fetchRecords: () => source.fetchRecords!([ids[1]!]) }),
      };
    });
  });
};
