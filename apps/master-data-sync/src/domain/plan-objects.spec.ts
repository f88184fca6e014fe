import { masterIdOf, type MasterObject } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnerOf, SourceRecord } from './merge-records.js';
import { planObjects, type Plan, type Reference } from './plan-objects.js';

const today = '2026-11-23';
const record = (
  connection: string,
  externalId: string,
  code: string,
  attributes: Record<string, string> = {},
  absentSince: string | null = null,
): SourceRecord => ({
  connection,
  externalId,
  code,
  timeline: [{ validFrom: '0001-01-01', attributes: { code, ...attributes } }],
  absentSince,
});
/** hr creates workers and owns all but the cost centre, which is finance's. */
const ownerOf: OwnerOf = (attribute) => (attribute === 'costCentre' ? 'finance' : 'hr');

/** A store in memory: plans, then applies. */
class World {
  objects: MasterObject[] = [];
  references: Reference[] = [];
  constructor(
    public records: SourceRecord[],
    private readonly owner: OwnerOf = ownerOf,
    private readonly kind: 'worker' | 'exchange-rate' | 'legal-entity' = 'worker',
  ) {}
  merge(codes: readonly string[] = [...new Set([...this.records.map((r) => r.code), ...this.objects.map((o) => o.code)])]): Plan {
    const { kind, objects } = this;
    const plan = planObjects({
      kind,
      codes,
      records: this.records.filter((r) => codes.includes(r.code)),
      objects,
      references: this.references,
      ownerOf: this.owner,
      merges: new Map(),
      followed: [],
      today,
    });
    for (const { after } of plan.changes) this.objects = [...this.objects.filter((o) => o.id !== after.id), after];
    for (const r of plan.references)
      this.references = [...this.references.filter((x) => x.connection !== r.connection || x.externalId !== r.externalId), r];
    return plan;
  }
  get(code: string): MasterObject | undefined {
    return this.objects.find((o) => o.code === code);
  }
}

describe('planObjects', () => {
  it('takes each attribute from its owner, ignores and notes the rest', () => {
    const world = new World([
      record('hr', '1', 'E1', { type: 'employee', costCentre: 'WRONG', legalEntity: 'DE01' }),
      record('finance', 'f1', 'E1', { costCentre: 'CC7', type: 'contractor' }),
    ]);
    const plan = world.merge();
    expect(world.get('E1')).toEqual({
      kind: 'worker',
      id: masterIdOf('worker', 'E1'),
      code: 'E1',
      revision: 1,
      legalEntityId: 'DE01',
      timeline: [
        { validFrom: '0001-01-01', attributes: { code: 'E1', type: 'employee', costCentre: 'CC7', legalEntity: 'DE01' } },
      ],
      crossReferences: [
        { connection: 'finance', externalId: 'f1' },
        { connection: 'hr', externalId: '1' },
      ],
      attributeSources: { code: 'hr', type: 'hr', legalEntity: 'hr', costCentre: 'finance' },
      ambiguous: false,
    });
    expect(plan.changes[0]!.drift).toEqual([
      {
        ...{ attribute: 'type', connection: 'finance', externalId: 'f1', value: 'contractor' },
        ...{ owner: 'hr', ownerValue: 'employee', ownerSpeaks: true },
      },
      {
        ...{ attribute: 'costCentre', connection: 'hr', externalId: '1', value: 'WRONG' },
        ...{ owner: 'finance', ownerValue: 'CC7', ownerSpeaks: true },
      },
    ]);
  });
  it('lets nobody but the owner of the code create an object', () => {
    const world = new World([record('finance', 'f1', 'E1', { costCentre: 'CC7' })]);
    expect(world.merge()).toEqual({ changes: [], drift: [], references: [] });
    world.records.push(record('hr', '1', 'E1'));
    world.merge();
    expect(world.get('E1')?.timeline[0]?.attributes['costCentre']).toBe('CC7');
  });
  it('changes nothing when merged again', () => {
    const world = new World([
      record('hr', '1', 'E1', { type: 'employee' }),
      record('finance', 'f1', 'E1', { type: 'contractor' }),
    ]);
    world.merge();
    const again = world.merge();
    expect([again.changes, again.references]).toEqual([[], []]);
    expect(again.drift.map(({ drift }) => drift.length)).toEqual([1]);
  });
  it('is ambiguous while two records of the owner claim one code, and heals', () => {
    const world = new World([record('hr', '1', 'E1', { type: 'employee' })]);
    world.merge();
    world.records.push(record('hr', '0', 'E1', { type: 'contractor' }));
    world.merge();
    // The one that was there first still speaks.
    expect(world.get('E1')).toMatchObject({ revision: 2, ambiguous: true, timeline: [{ attributes: { type: 'employee' } }] });
    world.records[1] = record('hr', '0', 'E1', {}, '2026-11-20T10:00:00.000Z');
    world.merge();
    expect(world.get('E1')).toMatchObject({ revision: 3, ambiguous: false });
    expect(world.objects).toHaveLength(1);
  });
  it('ends what its source no longer has, and takes it back when it is there again', () => {
    const world = new World([record('hr', '1', 'E1', { activeTo: '2027-01-31' })]);
    world.merge();
    world.records[0] = record('hr', '1', 'E1', { activeTo: '2027-01-31' }, '2026-11-20T10:00:00.000Z');
    world.merge();
    expect(world.get('E1')).toMatchObject({ revision: 2, timeline: [{ attributes: { activeTo: '2026-11-20' } }] });
    world.records[0] = record('hr', '1', 'E1', { activeTo: '2027-01-31' });
    world.merge();
    expect(world.get('E1')).toMatchObject({ revision: 3, timeline: [{ attributes: { activeTo: '2027-01-31' } }] });
  });
  it('keeps what has no end', () => {
    const world = new World([record('hr', '1', 'USD/EUR', { rate: '0.9' })], () => 'hr', 'exchange-rate');
    world.merge();
    world.records[0] = record('hr', '1', 'USD/EUR', { rate: '0.9' }, '2026-11-20T10:00:00.000Z');
    expect(world.merge().changes).toEqual([]);
  });
  it('keeps the id when a record gets another code, and gives the old code to a new object', () => {
    const world = new World([record('hr', '1', 'E1')]);
    world.merge();
    const { id } = world.get('E1')!;
    world.records = [record('hr', '1', 'E2'), record('hr', '2', 'E1')];
    world.merge();
    expect(world.get('E2')).toMatchObject({ id, revision: 2 });
    expect(world.get('E1')!.id).not.toBe(id);
    world.records = [record('hr', '1', 'E1'), record('hr', '2', 'E2')];
    world.merge();
    expect(world.get('E1')).toMatchObject({ id, revision: 3 });
    expect(world.objects).toHaveLength(2);
  });
  it('keeps the id when a record is made anew under the same code', () => {
    const world = new World([record('hr', '1', 'E1')]);
    world.merge();
    world.records = [record('hr', '1', 'E1', {}, '2026-11-20T10:00:00.000Z'), record('hr', '9', 'E1')];
    world.merge();
    expect(world.objects).toMatchObject([
      { id: masterIdOf('worker', 'E1'), ambiguous: false, crossReferences: [{ externalId: '9' }] },
    ]);
  });
  it('ends an object whose record went over to another', () => {
    const world = new World([record('hr', '1', 'E1'), record('hr', '2', 'E2')]);
    world.merge();
    world.records = [record('hr', '1', 'E1'), record('hr', '2', 'E1')];
    world.merge();
    expect(world.get('E1')).toMatchObject({ id: masterIdOf('worker', 'E1'), ambiguous: true });
    expect(world.get('E2')).toMatchObject({ timeline: [{ attributes: { activeTo: today } }], crossReferences: [] });
    expect(world.merge().changes).toEqual([]);
  });
  it('asks for the owner within the legal entity that the record claims', () => {
    const split: OwnerOf = (_attribute, entity) => (entity === 'DE01' ? 'hr-germany' : 'hr');
    const world = new World(
      [
        record('hr', '1', 'E1', { legalEntity: 'DE01', type: 'employee' }),
        record('hr-germany', 'g1', 'E1', { legalEntity: 'DE01', type: 'contractor' }),
        record('hr-germany', 'g2', 'E2', { legalEntity: 'US01' }),
      ],
      split,
    );
    world.merge();
    expect(world.get('E1')).toMatchObject({
      legalEntityId: 'DE01',
      timeline: [{ attributes: { type: 'contractor' } }],
      attributeSources: { type: 'hr-germany' },
    });
    expect(world.get('E2')).toBeUndefined();
  });
  it('a legal entity belongs to itself', () => {
    const world = new World([record('hr', '1', 'DE01')], () => 'hr', 'legal-entity');
    world.merge();
    expect(world.get('DE01')?.legalEntityId).toBe('DE01');
  });
  it('gives the same objects whatever order the records come in, and never one id twice', () => {
    const someRecord = fc
      .record({
        connection: fc.constantFrom('hr', 'finance', 'crm'),
        externalId: fc.constantFrom('1', '2', '3'),
        code: fc.constantFrom('A', 'B', 'C'),
        type: fc.constantFrom('x', 'y'),
        gone: fc.boolean(),
      })
      .map(({ connection, externalId, code, type, gone }) =>
        record(connection, externalId, code, { type }, gone ? '2026-11-20T10:00:00.000Z' : null),
      );
    const records = fc.uniqueArray(someRecord, { selector: (r) => `${r.connection}/${r.externalId}` });
    fc.assert(
      fc.property(records, records, (first, second) => {
        const [one, two] = [new World(first), new World([...first].reverse())];
        for (const world of [one, two]) {
          world.merge();
          world.records = world === one ? second : [...second].reverse();
          world.merge();
        }
        const sorted = (world: World) => [...world.objects].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(sorted(two)).toEqual(sorted(one));
        expect(new Set(one.objects.map((o) => o.id)).size).toBe(one.objects.length);
        expect(one.merge().changes).toEqual([]);
      }),
    );
  });
});
