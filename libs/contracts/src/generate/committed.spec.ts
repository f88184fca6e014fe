import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, EVENT_CONTRACTS, EVENT_TYPES, eventSchema, type EventType } from '../index.js';
import { brokenContracts } from './catalogue-check.js';
import { explain } from './compatibility.js';
import { catalogueDoc, currentSchemas, folder, generatedFiles, readFolder, readPublished } from './files.js';
import { schemaOf } from './json-schema.js';

type Body = Record<string, unknown>;

const types = Object.values(EVENT_TYPES);
const samples = readFolder(folder('samples')) as Record<string, Body>;
const ajv = new Ajv({ strict: false });
const schemaTakes = (type: EventType, body: unknown): boolean => ajv.validate(eventSchema(type), body);
const classTakes = (type: EventType, body: Body): boolean =>
  validateSync(plainToInstance(EVENT_CONTRACTS[type] as new () => object, body), { forbidUnknownValues: true }).length === 0;

/** Every property at every depth, as "content.cost.amount" or "lines.0.hours". */
function placesIn(node: unknown, at = ''): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => [
    ...(Array.isArray(node) ? [] : [at + key]),
    ...placesIn(value, `${at}${key}.`),
  ]);
}

function changed(body: Body, place: string, value: unknown): Body {
  const keys = place.split('.');
  const last = keys.pop()!;
  const holder = keys.reduce<Body>((node, key) => node[key] as Body, body);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return body;
}

describe('what is committed', () => {
  it('is what the classes generate (if not: npm run generate -w @tieout/contracts)', () => {
    expect(readFolder(folder('generated'))).toEqual(JSON.parse(JSON.stringify(generatedFiles())));
  });

  it('keeps every published contract', () => {
    const published = readPublished();
    const today = new Date().toISOString().slice(0, 10);
    const changes = brokenContracts({ published, schemas: currentSchemas(), catalogue: CATALOGUE, today });
    expect(changes, explain(changes)).toEqual([]);
    expect(Object.keys(published.schemas).length).toBeGreaterThanOrEqual(24);
    expect(Object.keys(published.catalogue).length).toBeGreaterThanOrEqual(Object.keys(published.schemas).length);
  });

  it('tells in docs/contracts.md what the catalogue holds (if not: npm run generate -w @tieout/contracts)', () => {
    const { file, text } = catalogueDoc();
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('has a golden sample for every event type, and for nothing else', () => {
    expect(Object.keys(samples).sort()).toEqual(types.map((type) => `${type}.json`).sort());
  });

  it('has no broken reference in the AsyncAPI document', () => {
    const document = generatedFiles()['asyncapi.json'] as Body;
    const files = new Set([
      ...Object.keys(currentSchemas()).map((file) => `./${file}`),
      ...types.map((type) => `../samples/${type}.json`),
    ]);
    const refs: string[] = [];
    JSON.stringify(document, (key, value: unknown) => {
      if ((key === '$ref' || key === 'x-sample') && typeof value === 'string') refs.push(value);
      return value;
    });
    const resolves = (ref: string): boolean =>
      ref.startsWith('#/')
        ? ref
            .slice(2)
            .split('/')
            .reduce<unknown>((node, key) => (node as Body | undefined)?.[key], document) !== undefined
        : files.has(ref);
    expect(refs.length).toBeGreaterThan(60);
    expect(refs.filter((ref) => !resolves(ref))).toEqual([]);
  });
});

describe.each(types)('golden sample of %s', (type) => {
  const sample = (): Body => structuredClone(samples[`${type}.json`]!);

  it('is taken by class and schema', () => {
    expect(validateSync(plainToInstance(EVENT_CONTRACTS[type] as new () => object, sample()))).toEqual([]);
    expect(schemaTakes(type, sample()), ajv.errorsText()).toBe(true);
  });

  it('is taken with a property that this version does not know', () => {
    expect(schemaTakes(type, { ...sample(), ofALaterVersion: true })).toBe(true);
  });

  it('names every property of the contract', () => {
    expect(Object.keys(sample()).sort()).toEqual(Object.keys(eventSchema(type)['properties'] as Body).sort());
  });

  // Class and schema are two statements of one contract: what one refuses, the other refuses.
  it.each(placesIn(samples[`${type}.json`]!))('without %s, or with a wrong one: class and schema agree', (place) => {
    for (const wrong of [undefined, '', '?', -1, 1.5, true, {}, [{}]]) {
      const body = changed(sample(), place, wrong);
      expect(schemaTakes(type, body), `${place} = ${JSON.stringify(wrong)}`).toBe(classTakes(type, body));
    }
  });
});

describe('schemas of classes', () => {
  it('come with the nested ones, and name a class without validation', () => {
    expect(Object.keys(eventSchema(EVENT_TYPES.runCompleted)['definitions'] as Body)).toEqual(['SideTotalsV1', 'TieOutLineV1']);
    class Empty {}
    expect(() => schemaOf(Empty, 'empty')).toThrow('Empty');
    expect(() => eventSchema('no.such.type' as EventType)).toThrow('no contract');
  });
});
