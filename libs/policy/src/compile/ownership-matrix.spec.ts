import { MASTER_KINDS } from '@tieout/model';
import { expect, it } from 'vitest';
import { compiledBundle } from '../../test/bundles.js';
import { compiled } from '../../test/compiled.js';
import { GOOD_BUNDLE } from '../../test/good-bundle.js';

const policy = compiled({
  'connections.yaml':
    GOOD_BUNDLE['connections.yaml']! +
    '  hr: { system: sandbox-hr, roles: [master-data] }\n  agencies: { system: csv, roles: [time] }\n  old-books: { system: sandbox-erp, roles: [posting] }\n',
  'mappings.yaml': `${GOOD_BUNDLE['mappings.yaml']!}  agencies: { fields: { workerCode: a, projectCode: b, workDate: c, hours: d }, approval: { approved: always } }\n`,
  'systems-of-record.yaml': `systemsOfRecord:
  worker: { default: time, attributes: { costCentre: hr }, legalEntities: { DE01: hr } }
`,
  'routing.yaml': 'routes: { default: [books], legalEntities: { DE01: [old-books], IN01: [] } }\n',
});
const rows = policy.ownershipMatrix(['DE01', 'US01', 'IN01']);
const of = (kind: string, attribute: string): string[] =>
  rows.filter((row) => row.kind === kind && row.attribute === attribute).map((row) => `${row.legalEntityId}: ${row.owner}`);

it('the ownership matrix has the firm’s owner, and those of legal entities that differ', () => {
  expect(of('worker', 'code')).toEqual(['*: time', 'DE01: hr']);
  expect(of('worker', 'costCentre')).toEqual(['*: hr']);
  expect(of('project', 'code')).toEqual([]);
  expect(of('time-entry', 'recorded in time')).toEqual(['*: time']);
  expect(of('time-entry', 'recorded in agencies')).toEqual(['*: agencies']);
  expect(of('approval', 'recorded in agencies')).toEqual(['*: agencies']);
  expect(of('financial-posting', 'journal-line')).toEqual(['*: books', 'DE01: old-books', 'IN01: nobody']);
});

it('a shadow owns no postings', () => {
  const shadowed = compiled({
    'connections.yaml': `${GOOD_BUNDLE['connections.yaml']!}  new-books: { system: sandbox-erp, roles: [posting] }\n`,
    'routing.yaml': 'routes: { default: [books, new-books] }\nshadows: [new-books]\n',
  });
  expect(shadowed.ownershipMatrix([]).filter(({ kind }) => kind === 'financial-posting')).toEqual([
    { kind: 'financial-posting', attribute: 'journal-line', legalEntityId: '*', owner: 'books' },
  ]);
  expect([shadowed.feedRoutes('posting', 'US01'), shadowed.isShadow('new-books'), shadowed.isShadow('books')]).toEqual([
    ['books', 'new-books'],
    true,
    false,
  ]);
});

it('the demo firm has an owner for everything that it uses', () => {
  const owned = new Set(
    compiledBundle('demo')
      .ownershipMatrix(['US01', 'DE01', 'IN01'])
      .map(({ kind }) => kind),
  );
  for (const kind of ['worker', 'project', 'task', 'assignment', 'cost-rate', 'bill-rate', 'exchange-rate', 'accounting-period'])
    expect(owned).toContain(kind);
  for (const kind of ['time-entry', 'approval', 'financial-posting']) expect(owned).toContain(kind);
  for (const kind of owned) expect([...MASTER_KINDS, 'time-entry', 'approval', 'financial-posting'] as string[]).toContain(kind);
});

it('the matrix and the rule that services obey are one', () => {
  const demo = compiledBundle('demo');
  for (const { kind, attribute, legalEntityId, owner } of demo
    .ownershipMatrix([])
    .filter((row) => (MASTER_KINDS as readonly string[]).includes(row.kind)))
    expect(demo.systemOfRecord(kind as never, attribute, legalEntityId)).toBe(owner);
});
