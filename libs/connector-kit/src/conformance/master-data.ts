import { isCalendarDate, type MasterKind } from '@tieout/model';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MasterDataSource, SourceMasterRecord } from '../master-data-source.js';
import { readPages } from '../paging.js';
import type { SuiteContext } from './context.js';
import { itReadsFaultsTruly } from './faults.js';
import type { MasterDataFixture } from './subject.js';

const readKind = async (source: MasterDataSource, kind: MasterKind): Promise<SourceMasterRecord[]> => {
  const records: SourceMasterRecord[] = [];
  for await (const page of readPages((cursor) => source.fetchPage(kind, cursor))) records.push(...page.records);
  return records;
};

const expectWellFormed = (record: SourceMasterRecord): void => {
  expect(record.code).not.toBe('');
  expect(record.externalId).not.toBe('');
  expect(record.timeline.length).toBeGreaterThan(0);
  const dates = record.timeline.map((segment) => segment.validFrom);
  expect(dates.filter((date) => !isCalendarDate(date))).toEqual([]);
  expect(dates).toEqual([...new Set(dates)].sort());
  for (const { attributes } of record.timeline) {
    expect(attributes['code']).toBe(record.code);
    for (const [name, value] of Object.entries(attributes))
      expect(typeof value === 'string' && value !== '', `${record.kind} ${record.code}: ${name}`).toBe(true);
  }
};

export const describeMasterData = (context: SuiteContext): void => {
  const { kinds } = context.connector.manifest.masterData!;
  const open = (): MasterDataSource => context.connector.masterDataSource!(context.config(), context.deps());

  describe('master data', () => {
    let fixture: MasterDataFixture;
    beforeAll(() => {
      fixture = context.fixture('masterData');
    });

    it('offers the kinds of its manifest', async () => {
      const source = open();
      await source.verifyAccess();
      expect([...source.kinds].sort()).toEqual([...kinds].sort());
    });

    for (const kind of kinds)
      it(`reads every ${kind}, well formed`, async () => {
        const records = await readKind(open(), kind);
        for (const record of records) expectWellFormed(record);
        const codes = records.map((record) => record.code);
        expect((fixture.codes[kind] ?? []).filter((code) => !codes.includes(code))).toEqual([]);
        expect(new Set(records.map((record) => record.externalId)).size).toBe(records.length);
      });

    itReadsFaultsTruly(context, (config, deps) => {
      const source = context.connector.masterDataSource!(config, deps);
      return {
        verifyAccess: () => source.verifyAccess(),
        ...Object.fromEntries(kinds.map((kind) => [`fetchPage ${kind}`, () => source.fetchPage(kind, null)])),
      };
    });
  });
};
