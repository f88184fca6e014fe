import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareDrift,
  driftDetail,
  driftKey,
  driftSuggestion,
  sameValue,
  toKnown,
  type Drift,
  type KnownDrift,
} from './drift.js';

const known = (change: Partial<KnownDrift> = {}): KnownDrift => ({
  kind: 'project',
  code: 'P-100',
  attribute: 'name',
  connection: 'crm',
  legalEntityId: 'DE01',
  owner: 'psa',
  ownerValue: 'Bridge',
  value: 'Tower',
  ...change,
});
const drift = (change: Partial<Drift> = {}): Drift => ({
  attribute: 'name',
  connection: 'crm',
  externalId: 'c1',
  value: 'Tower',
  owner: 'psa',
  ownerValue: 'Bridge',
  ownerSpeaks: true,
  ...change,
});
const about = { kind: 'project', code: 'P-100', legalEntityId: 'DE01' } as const;

describe('drift', () => {
  it('is told where an owner speaks', () => {
    expect(toKnown([drift()], about)).toEqual([known()]);
    expect(toKnown([drift({ ownerValue: undefined })], about)).toEqual([]);
    expect(toKnown([drift({ attribute: 'activeTo', ownerValue: undefined })], about)).toEqual([
      known({ attribute: 'activeTo', ownerValue: null }),
    ]);
    expect(toKnown([drift({ ownerSpeaks: false }), drift({ owner: undefined })], about)).toEqual([]);
  });
  it('keeps no values that tell of a person', () => {
    const [one] = toKnown([drift({ attribute: 'userName', value: 'erica', ownerValue: 'erika' })], { ...about, kind: 'worker' });
    expect(one).toMatchObject({ value: null, ownerValue: null });
    expect(driftDetail(one!)).toBe('worker P-100: userName differs between psa (its system of record) and crm');
    expect(driftSuggestion(one!)).toBe(
      'Set userName of worker P-100 in crm to what psa says. If crm is right, change it in psa.',
    );
  });
  it('says both values and what to do', () => {
    expect(driftDetail(known())).toBe('project P-100: name is "Bridge" in psa (its system of record), but "Tower" in crm');
    expect(driftDetail(known({ ownerValue: null }))).toBe(
      'project P-100: name is empty in psa (its system of record), but "Tower" in crm',
    );
    expect(driftSuggestion(known({ ownerValue: null }))).toBe(
      'Remove name of project P-100 in crm. If crm is right, change it in psa.',
    );
  });
  it('fits into a condition, however long codes and values are', () => {
    const long = known({ code: 'X'.repeat(400), value: 'v'.repeat(5000), ownerValue: 'o'.repeat(5000) });
    expect(driftKey(long).length).toBeLessThanOrEqual(300);
    expect(driftKey(long)).not.toBe(driftKey({ ...long, attribute: 'client' }));
    expect(driftDetail(long).length).toBeLessThan(2000);
  });
  it('takes numbers for what they are', () => {
    expect(sameValue('amount', '85.0', '85.00')).toBe(true);
    expect(sameValue('amount', '85.0', '85.01')).toBe(false);
    expect(sameValue('name', '85.0', '85.00')).toBe(false);
    expect(sameValue('amount', undefined, '85')).toBe(false);
  });
});

describe('compareDrift', () => {
  it.each<[string, KnownDrift[], KnownDrift[], number, number]>([
    ['new', [], [known()], 1, 0],
    ['as before', [known()], [known()], 0, 0],
    ['another value', [known({ value: 'Old' })], [known()], 1, 0],
    ['the owner says something else', [known({ ownerValue: 'Old' })], [known()], 1, 0],
    ['another owner', [known({ owner: 'erp' })], [known()], 1, 0],
    ['another legal entity', [known({ legalEntityId: 'US01' })], [known()], 1, 0],
    ['gone', [known()], [], 0, 1],
  ])('%s', (_title, before, now, raised, cleared) => {
    const changes = compareDrift(before, now);
    expect([changes.raised.length, changes.cleared.length]).toEqual([raised, cleared]);
  });
  it('applied, leaves exactly what was found, and then nothing to tell', () => {
    const some = fc.uniqueArray(
      fc.record({
        attribute: fc.constantFrom('name', 'client', 'legalEntity'),
        connection: fc.constantFrom('crm', 'erp'),
        value: fc.constantFrom('a', 'b'),
      }),
      { selector: ({ attribute, connection }) => `${attribute} ${connection}` },
    );
    fc.assert(
      fc.property(some, some, (first, second) => {
        const [before, now] = [first.map(known), second.map(known)];
        const { raised, cleared } = compareDrift(before, now);
        const store = new Map(before.map((one) => [driftKey(one), one]));
        for (const one of cleared) store.delete(driftKey(one));
        for (const one of raised) store.set(driftKey(one), one);
        expect([...store.values()].map((one) => JSON.stringify(one)).sort()).toEqual(
          now.map((one) => JSON.stringify(one)).sort(),
        );
        expect(compareDrift([...store.values()], now)).toEqual({ raised: [], cleared: [] });
      }),
    );
  });
});
