import { CATALOGUE, EVENT_TYPES, type CatalogueEntry } from '@tieout/contracts';
import { describe, expect, it } from 'vitest';
import { contractsWhere, servicesIn } from './contracts.js';

const ids = (filter: Parameters<typeof contractsWhere>[1], catalogue = CATALOGUE) =>
  contractsWhere(catalogue, filter).map(({ id }) => id);

describe('contracts', () => {
  it('are all listed without a filter', () => expect(ids({})).toHaveLength(CATALOGUE.length));

  it('of an owner, by context or team, with what every service owns', () => {
    expect(ids({ owner: 'payroll', kind: 'event' })).toContain(EVENT_TYPES.payrollDocumentPosted);
    expect(ids({ owner: 'payroll', kind: 'event' })).toContain(EVENT_TYPES.connectionFaulted);
    expect(ids({ owner: 'payroll', kind: 'event' })).not.toContain(EVENT_TYPES.documentPosted);
    expect(ids({ owner: 'master-data', kind: 'http-api' })).toEqual(['http.master-data-sync.v1']);
  });

  it('that somebody uses', () => {
    expect(ids({ consumer: 'analytics', kind: 'event' })).toEqual([
      EVENT_TYPES.masterChanged,
      EVENT_TYPES.entryReleased,
      EVENT_TYPES.entryWithdrawn,
      EVENT_TYPES.policyActivated,
    ]);
  });

  it('in a state', () => {
    const old: CatalogueEntry = {
      ...CATALOGUE[0]!,
      id: 'old.v0',
      status: { state: 'deprecated', since: '2026-01-01', until: '2026-12-31', instead: CATALOGUE[0]!.id },
    };
    expect(ids({ status: 'deprecated' }, [...CATALOGUE, old])).toEqual(['old.v0']);
    expect(ids({ status: 'retired' })).toEqual([]);
  });

  it('name the services', () => {
    expect(servicesIn(CATALOGUE)).toEqual(expect.arrayContaining(['erp-posting', 'governance', 'time-ingestion']));
  });
});
