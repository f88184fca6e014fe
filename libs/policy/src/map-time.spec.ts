import { decimal } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePolicy } from './compile-policy.js';
import type { MappedTime } from './compiled-policy.js';
import { GOOD_BUNDLE } from '../test/good-bundle.js';

/** The good bundle with this mapping for the connection "time". */
const mapper = (mapping?: string): ((fields: Record<string, string>) => MappedTime) => {
  const result = compilePolicy(mapping ? { ...GOOD_BUNDLE, 'mappings.yaml': mapping } : GOOD_BUNDLE);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return (fields) => result.policy.mapTime('time', fields);
};
/** The least mapping, with more lines under `fields` and another approval. */
const mapperWith = (fields: string, approval = '{ approved: always }'): ((fields: Record<string, string>) => MappedTime) =>
  mapper(`mappings:
  time:
    fields:
      workerCode: w
      projectCode: p
${fields
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}
    approval: ${approval}
`);

const good = {
  'employee.number': ' e1001 ',
  project: 'P-100',
  activity: 'Travel',
  date: '3.11.2026',
  duration: '7,50',
  billable: 'ja',
  status: 'Approved',
  'approval.at': '2026-11-04T09:00:00+01:00',
  'approval.by': 'e2001',
};

describe('mapTime', () => {
  const map = mapper();
  it('renames, translates and normalises', () => {
    expect(map(good)).toEqual({
      ok: true,
      content: {
        workerCode: 'E1001',
        projectCode: 'P-100',
        activity: 'Travel',
        payCode: 'TRV',
        workDate: '2026-11-03',
        hours: '7.5',
        billable: true,
      },
      approval: { at: '2026-11-04T08:00:00.000Z', by: 'E2001' },
    });
  });
  it('leaves a pay code out for an activity that the mapping does not list', () => {
    const mapped = map({ ...good, activity: 'Juggling' });
    expect(mapped).toMatchObject({ ok: true, content: { activity: 'Juggling' } });
    expect(mapped.ok && 'payCode' in mapped.content).toBe(false);
  });
  it.each([
    ['Draft', undefined],
    ['Released', { at: '2026-11-04T08:00:00.000Z', by: 'E2001' }],
    ['', undefined],
  ])('status %s', (status, approval) => {
    expect(map({ ...good, status })).toMatchObject({ ok: true, approval });
  });
  it('says which field and why, and repeats no text that may be a name', () => {
    const refused = (change: Record<string, string>) => map({ ...good, ...change });
    expect(refused({ 'employee.number': '  ' })).toEqual({
      ok: false,
      where: 'field "employee.number"',
      why: 'missing or empty: workerCode needs it',
    });
    expect(refused({ date: '31.2.2026' })).toEqual({
      ok: false,
      where: 'field "date"',
      why: 'is "31.2.2026": expected a date as d.M.yyyy',
    });
    expect(refused({ duration: 'anna@example.org' })).toEqual({
      ok: false,
      where: 'field "duration"',
      why: 'is a text of 16 characters: expected hours as a decimal number, for example 7,5',
    });
    expect(refused({ duration: '1.234,5' })).toMatchObject({ ok: false, where: 'field "duration"' });
    expect(refused({ billable: 'vielleicht' })).toMatchObject({ ok: true });
    expect(refused({ 'approval.at': '2026-11-04' })).toMatchObject({ ok: false, where: 'field "approval.at"' });
  });
  it('does not read the approval of a record that is not approved', () => {
    expect(map({ ...good, status: 'Draft', 'approval.at': 'soon' })).toMatchObject({ ok: true, approval: undefined });
  });
  it('refuses a connection without a mapping', () => {
    const result = compilePolicy(GOOD_BUNDLE);
    expect(result.ok && result.policy.mapTime('books', good)).toEqual({
      ok: false,
      where: 'mappings.yaml',
      why: 'no mapping for the connection "books"',
    });
  });
});

describe('rules of a mapping', () => {
  it.each([
    ['hours: { from: h, unit: minutes }', '450', '7.5'],
    ['hours: { from: h, unit: minutes }', '20', '0.333333333333'],
    ['hours: { from: h, unit: seconds }', '27000', '7.5'],
    ['hours: { from: h, unit: "hh:mm" }', '-7:45', '-7.75'],
    ['hours: h', '.5', '0.5'],
    ['hours: h', '-8', '-8'],
    ['hours: { constant: 8 }', '', '8'],
    ['hours: { from: h, default: 0 }', '', '0'],
  ])('%s of "%s"', (rule, h, hours) => {
    expect(mapperWith(`workDate: d\n${rule}`)({ w: 'E1', p: 'P1', d: '2026-11-03', h })).toMatchObject({
      ok: true,
      content: { hours },
    });
  });
  it.each(['8h', '1e3', '7,5', '--1', '8:00', '0x10', 'NaN', '1234567890123456789'])('refuses hours "%s"', (h) => {
    expect(mapperWith('workDate: d\nhours: h')({ w: 'E1', p: 'P1', d: '2026-11-03', h })).toMatchObject({
      ok: false,
      where: 'field "h"',
    });
  });
  it.each([
    ['workDate: d', '2026-02-28', '2026-02-28'],
    ['workDate: { from: d, format: MM/dd/yyyy }', '11/03/2026', '2026-11-03'],
    ['workDate: { from: d, format: yyyyMMdd }', '20261103', '2026-11-03'],
    ['workDate: { from: d, format: instant, zone: Asia/Kolkata }', '2026-11-03T20:00:00Z', '2026-11-04'],
    ['workDate: { from: [missing, d] }', '2026-11-03', '2026-11-03'],
  ])('%s of "%s"', (rule, d, workDate) => {
    expect(mapperWith(`${rule}\nhours: h`)({ w: 'E1', p: 'P1', d, h: '1' })).toMatchObject({ ok: true, content: { workDate } });
  });
  it('reads local times in their zone, across the change to winter time', () => {
    const map = mapperWith('workDate: d\nhours: h\nstartedAt: { from: s, format: "yyyy-MM-dd HH:mm", zone: Europe/Berlin }');
    const started = (s: string) => map({ w: 'E1', p: 'P1', d: '2026-10-25', h: '1', s });
    expect(started('2026-10-24 09:00')).toMatchObject({ content: { startedAt: '2026-10-24T07:00:00.000Z' } });
    expect(started('2026-10-26 09:00')).toMatchObject({ content: { startedAt: '2026-10-26T08:00:00.000Z' } });
    expect(started('2026-10-26')).toMatchObject({ ok: false, where: 'field "s"' });
  });
  it('refuses or keeps values that it does not list, as told', () => {
    const fields = { w: 'E1', p: 'P1', d: '2026-11-03', h: '1', a: 'Other' };
    const pay = (otherwise: string) =>
      mapperWith(`workDate: d\nhours: h\npayCode: { from: a, values: { A: B }, otherwise: ${otherwise} }`)(fields);
    expect(pay('refuse')).toEqual({
      ok: false,
      where: 'field "a"',
      why: 'is a text of 5 characters, which the mapping of payCode does not list',
    });
    expect(pay('keep')).toMatchObject({ ok: true, content: { payCode: 'Other' } });
  });
  it('asks for an optional field that the mapping requires', () => {
    expect(
      mapperWith('workDate: d\nhours: h\ntaskCode: { from: t, required: true }')({ w: 'E1', p: 'P1', d: '2026-11-03', h: '1' }),
    ).toMatchObject({ ok: false, where: 'field "t"' });
  });
  it('keeps every decimal exactly as large as it was written', () => {
    const map = mapperWith('workDate: d\nhours: h');
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 9999 }), (whole, fraction) => {
        const h = `${whole}.${String(fraction).padStart(4, '0')}`;
        const mapped = map({ w: 'E1', p: 'P1', d: '2026-11-03', h });
        expect(mapped.ok && decimal(mapped.content.hours).equals(h)).toBe(true);
      }),
    );
  });
  it('never throws and never invents: any fields give content or a named place', () => {
    const map = mapper();
    const text = fc.oneof(fc.string(), fc.constantFrom('', ' ', '7,5', '1.1.2026', 'ja', 'Approved'));
    fc.assert(
      fc.property(
        fc.record(
          {
            'employee.number': text,
            project: text,
            date: text,
            duration: text,
            billable: text,
            status: text,
            'approval.at': text,
          },
          { requiredKeys: [] },
        ),
        (fields) => {
          const mapped = map(fields as Record<string, string>);
          if (mapped.ok) expect(mapped.content.workDate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
          else expect(mapped.where).toMatch(/^field "/);
        },
      ),
    );
  });
});
