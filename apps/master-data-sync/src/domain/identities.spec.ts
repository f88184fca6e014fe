import { addDays, type MasterObject, type TimelineSegment } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeSpans, withSharedIdentities } from './identities.js';

const worker = (
  code: string,
  attributes: Record<string, string> | readonly TimelineSegment[],
  more: Partial<MasterObject> = {},
): MasterObject => ({
  kind: 'worker',
  id: code,
  code,
  revision: 1,
  legalEntityId: 'DE01',
  timeline: Array.isArray(attributes)
    ? (attributes as TimelineSegment[])
    : [{ validFrom: '0001-01-01', attributes: { person: 'H1', ...(attributes as Record<string, string>) } }],
  crossReferences: [],
  attributeSources: {},
  ambiguous: false,
  ...more,
});
const shared = (...objects: MasterObject[]) => withSharedIdentities(objects).map(({ sharedIdentity }) => sharedIdentity);

describe('activeSpans', () => {
  it('joins what follows on, and keeps gaps', () => {
    expect(
      activeSpans([
        { validFrom: '2020-01-01', attributes: { activeTo: '2024-06-30' } },
        { validFrom: '2022-01-01', attributes: { activeTo: '2024-06-30' } },
        { validFrom: '2026-01-01', attributes: { activeFrom: '2026-03-01' } },
      ]),
    ).toEqual([
      { from: '2020-01-01', to: '2024-06-30' },
      { from: '2026-03-01', to: '9999-12-31' },
    ]);
  });
});

describe('withSharedIdentities', () => {
  it('names the days on which two records of one person are active', () => {
    const [contract, hired] = [worker('C7', { activeTo: '2026-06-30' }), worker('E7', { activeFrom: '2026-06-15' })];
    const days = { from: '2026-06-15', to: '2026-06-30' };
    expect(shared(contract, hired)).toEqual([[{ with: 'E7', ...days }], [{ with: 'C7', ...days }]]);
    expect(shared(worker('A', {}), worker('B', { activeFrom: '2026-01-01' }))).toEqual([
      [{ with: 'B', from: '2026-01-01' }],
      [{ with: 'A', from: '2026-01-01' }],
    ]);
  });
  it('has nothing against one after the other, other people, and those who are said to be one', () => {
    expect(shared(worker('A', { activeTo: '2026-06-14' }), worker('B', { activeFrom: '2026-06-15' }))).toEqual([
      undefined,
      undefined,
    ]);
    expect(shared(worker('A', {}), worker('B', { person: 'H2' }))).toEqual([undefined, undefined]);
    expect(shared(worker('A', [{ validFrom: '2020-01-01', attributes: {} }]), worker('B', {}))).toEqual([undefined, undefined]);
    const merged = worker('A', { activeFrom: '2026-01-01' }, { mergedInto: { code: 'B', validFrom: '2026-03-01' } });
    const days = { from: '2026-01-01', to: '2026-02-28' };
    expect(shared(merged, worker('B', {}))).toEqual([[{ with: 'B', ...days }], [{ with: 'A', ...days }]]);
  });
  it('gives an object back as it is where nothing changes, and takes away what is over', () => {
    const [a, b] = withSharedIdentities([worker('A', {}), worker('B', {})]);
    const again = withSharedIdentities([a!, b!]);
    expect(again[0]).toBe(a);
    expect(withSharedIdentities([a!])[0]).not.toHaveProperty('sharedIdentity');
  });
  it('says of a day that it is shared exactly if another record of the person is active on it', () => {
    const day = fc.integer({ min: 0, max: 20 }).map((n) => addDays('2026-01-01', n));
    const one = fc.record({ activeFrom: day, activeTo: day, person: fc.constantFrom('H1', 'H2') });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), (spells) => {
        const objects = withSharedIdentities(spells.map((spell, n) => worker(`E${n}`, spell)));
        for (const [n, { sharedIdentity = [] }] of objects.entries())
          for (let d = 0; d <= 20; d++) {
            const date = addDays('2026-01-01', d);
            const active = (m: number) => spells[m]!.activeFrom <= date && date <= spells[m]!.activeTo;
            const others = spells.some((spell, m) => m !== n && spell.person === spells[n]!.person && active(m));
            expect(sharedIdentity.some(({ from, to }) => from <= date && (to === undefined || date <= to))).toBe(
              active(n) && others,
            );
          }
      }),
    );
  });
});
