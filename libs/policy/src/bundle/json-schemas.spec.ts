import { Ajv, type ValidateFunction } from 'ajv';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BUNDLES, bundleTexts, GOVERNANCE } from '../../test/bundles.js';
import { GOOD_BUNDLE } from '../../test/good-bundle.js';
import { compilePolicy } from '../compile-policy.js';
import { bundleSchemas } from './json-schemas.js';

const FOLDER = `${GOVERNANCE}schemas/`;
const ajv = new Ajv({ strictTypes: false });
const validators = new Map<string, ValidateFunction>(
  Object.entries(bundleSchemas()).map(([file, schema]) => [file, ajv.compile(schema)]),
);
const schemaOf = (file: string): string => (file.includes('/') ? 'overlay.schema.json' : file.replace('.yaml', '.schema.json'));
/** What an editor would underline. */
const underlined = (file: string, text: string): string[] => {
  const validate = validators.get(schemaOf(file))!;
  return validate(parse(text)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

describe('the schemas in deploy/governance/schemas', () => {
  it('are what the decoders generate (if not: npm run generate -w @tieout/policy)', () => {
    const committed = Object.fromEntries(
      readdirSync(FOLDER).map((file) => [file, JSON.parse(readFileSync(FOLDER + file, 'utf8')) as unknown]),
    );
    expect(committed).toEqual(JSON.parse(JSON.stringify(bundleSchemas())));
  });

  const files = BUNDLES.flatMap((bundle) =>
    Object.entries(bundleTexts(bundle)).map(([file, text]) => [bundle, file, text] as const),
  );

  it.each(files)('take %s/%s', (_, file, text) => {
    expect(underlined(file, text)).toEqual([]);
  });

  it.each(files)('are named in the first line of %s/%s', (_, file, text) => {
    const up = file.includes('/') ? '../../' : '../';
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=${up}schemas/${schemaOf(file)}`);
  });

  it.each([
    ['validation.yaml', 'overlap: hold', 'overlapp: hold'],
    ['validation.yaml', 'overlap: hold', 'overlap: held'],
    ['validation.yaml', 'unknownKeyGrace: PT4H', 'unknownKeyGrace: 4 hours'],
    ['validation.yaml', 'EMEA: 3', 'EMEA: three'],
    ['validation.yaml', 'requireTask: false', 'requireTask: no'],
    ['validation.yaml', 'dailyLimitHours: 16', 'dailyLimitHours: { regions: {} }'],
    ['validation.yaml', '[E1, E2]', '[]'],
    ['calendars.yaml', 'lateCorrections: first-open-period\n', ''],
    ['calendars.yaml', 'closingTakes: [correction]', 'closingTakes: correction'],
    ['connections.yaml', 'roles: [posting]', 'roles: [postings]'],
    ['connections.yaml', 'system: sandbox-erp', 'system: Sandbox ERP'],
    ['connections.yaml', 'kinds: [worker, project]', 'kinds: [person]'],
    ['systems-of-record.yaml', 'name: time', 'nam: time'],
    ['mappings.yaml', 'd.M.yyyy', 'dd.MM'],
    ['mappings.yaml', 'case: upper', 'case: uper'],
    ['accounts.yaml', 'costRateDate: work-date', 'costRateDate: pay-date'],
    ['routing.yaml', '[books]', 'books'],
    ['priorities.yaml', 'severity: critical', 'severity: urgent'],
    ['priorities.yaml', 'EUR: 1000', 'euro: 1000'],
    ['slas.yaml', 'P3D', '3 days'],
    ['ownership.yaml', 'OVERLAP:', 'OVERLAPP:'],
    ['approvals.yaml', 'connections: [platform]', 'connections: [plattform]'],
    ['approvals.yaml', 'reviewWithin: P3D\n', ''],
    ['approvals.yaml', 'replay: { lines: 100 }', 'replay: { line: 100 }'],
  ])('refuse what the compiler refuses: %s with "%s" as "%s"', (file, from, to) => {
    const good = GOOD_BUNDLE[file]!;
    expect(good).toContain(from);
    const text = good.replace(from, to);
    expect(underlined(file, good)).toEqual([]);
    expect(underlined(file, text)).not.toEqual([]);
    expect(compilePolicy({ ...GOOD_BUNDLE, [file]: text }).ok).toBe(false);
  });

  it.each([
    ['validation: { dailyLimitHours: 10 }', true],
    ['validation: { intercompany: hold }', false],
    ['validation: { dailyLimitHours: { default: 10 } }', false],
    ['accounts: {}', false],
  ])('say of the overlay "%s": %s', (text, taken) => {
    for (const file of ['legal-entities/DE01.yaml', 'regions/EMEA.yaml']) expect(underlined(file, text).length === 0).toBe(taken);
  });
});
