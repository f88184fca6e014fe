import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, deprecatedEvents, type CatalogueEntry, type ContractStatus } from '../catalogue.js';
import { MUST_RECEIVE } from '../completeness.js';
import { COMMAND_CONTRACTS, EVENT_CONTRACTS, QUESTION_CONTRACTS } from '../registry.js';
import type { JsonSchema } from '../schemas.js';
import { COMMANDS, EVENT_TYPES, FEED_COMMANDS, FEED_QUESTIONS, QUESTIONS } from '../subjects.js';
import { brokenContracts, brokenPromises, catalogueProblems, type DeclaredContracts } from './catalogue-check.js';
import { renderCatalogue } from './catalogue-doc.js';

const APPS = readdirSync(new URL('../../../../apps/', import.meta.url));
const all = (...records: readonly object[]): string[] => [
  ...new Set(records.flatMap((record) => Object.values(record).flatMap((one: string | object) => one as string))),
];
const DECLARED: DeclaredContracts = {
  ids: {
    event: Object.keys(EVENT_CONTRACTS),
    command: [...new Set([...Object.keys(COMMAND_CONTRACTS), ...all(COMMANDS, ...Object.values(FEED_COMMANDS))])],
    question: [...new Set([...Object.keys(QUESTION_CONTRACTS), ...all(QUESTIONS, ...Object.values(FEED_QUESTIONS))])],
    'http-api': APPS.map((app) => `http.${app}.v1`),
  },
  mustReceive: MUST_RECEIVE,
};

const TYPE = EVENT_TYPES.entryHeld;
const deprecated: ContractStatus = {
  state: 'deprecated',
  since: '2026-11-01',
  until: '2027-05-31',
  instead: 'time.entry.held.v2',
};
const retired: ContractStatus = { ...deprecated, state: 'retired', retiredOn: '2027-06-01' };
const v1 = CATALOGUE.find(({ id }) => id === TYPE)!;
const v2: CatalogueEntry = { ...v1, id: 'time.entry.held.v2', version: 2 };
const others = CATALOGUE.filter(({ id }) => id !== TYPE);
const withV2: DeclaredContracts = {
  ids: { ...DECLARED.ids, event: [...DECLARED.ids.event, v2.id] },
  mustReceive: { ...MUST_RECEIVE, [v2.id]: MUST_RECEIVE[TYPE] },
};
const withoutV1: DeclaredContracts = {
  ids: { ...withV2.ids, event: withV2.ids.event.filter((id) => id !== TYPE) },
  mustReceive: withV2.mustReceive,
};
const problemsWith = (status: ContractStatus, declared = withV2) =>
  catalogueProblems([...others, v2, { ...v1, status }], declared);

describe('the catalogue', () => {
  it('names every contract there is, with its consumers, and no other', () => {
    expect(catalogueProblems(CATALOGUE, DECLARED)).toEqual([]);
  });

  it('notices what is forgotten and what is made up', () => {
    expect(catalogueProblems(others, DECLARED)).toEqual([`${TYPE}: no entry of kind event in src/catalogue-entries.ts; add it`]);
    expect(catalogueProblems([...CATALOGUE, v2], DECLARED)).toContain('time.entry.held.v2: is current, but no code declares it');
    expect(catalogueProblems([...CATALOGUE, v1], DECLARED)).toContain('an id stands twice in the catalogue');
  });

  it('agrees with MUST_RECEIVE about consumers', () => {
    const lost = { ...v1, consumers: ['exception'] as const };
    expect(catalogueProblems([...others, lost], DECLARED)).toEqual([
      `${TYPE}: consumers say exception, MUST_RECEIVE says reconciliation, exception; make them agree`,
    ]);
    const stray = { ...v1, mayMiss: ['payroll'] as const };
    expect(catalogueProblems([...others, stray], DECLARED)).toEqual([`${TYPE}: payroll in mayMiss, but not in consumers`]);
  });
});

describe('a deprecated contract', () => {
  it('has dates and a current successor of its kind', () => {
    expect(problemsWith(deprecated)).toEqual([]);
    expect(problemsWith({ ...deprecated, instead: 'time.entry.held.v3' })).toEqual([
      `${TYPE}: "time.entry.held.v3" is no current event; name the version to use instead`,
    ]);
    expect(problemsWith({ ...deprecated, instead: 'http.governance.v1' })).toHaveLength(1);
    expect(problemsWith({ ...deprecated, instead: TYPE })).toHaveLength(1);
    expect(problemsWith({ ...deprecated, until: '2026-11-01' })).toEqual([
      `${TYPE}: until 2026-11-01 is not after since 2026-11-01`,
    ]);
    expect(problemsWith({ ...deprecated, until: 'some day' })).toEqual([
      `${TYPE}: until is "some day"; expected a date such as 2026-11-30`,
    ]);
  });

  it('is told in the document and to producers', () => {
    const catalogue = [...others, v2, { ...v1, status: deprecated }];
    expect(renderCatalogue(catalogue)).toContain('deprecated since 2026-11-01, stays until 2027-05-31; use `time.entry.held.v2`');
    expect([...deprecatedEvents(catalogue)]).toEqual([[TYPE, '2027-05-31']]);
  });
});

describe('a retired contract', () => {
  it('is not declared any more, and no sooner than promised', () => {
    expect(problemsWith(retired, withoutV1)).toEqual([]);
    expect(problemsWith(retired)).toEqual([`${TYPE}: is retired and still in use; delete its class and subject`]);
    expect(problemsWith({ ...retired, retiredOn: '2027-05-30' }, withoutV1)).toEqual([
      `${TYPE}: retired on 2027-05-30, promised until 2027-05-31`,
    ]);
  });
});

describe('what was promised', () => {
  const now = (status: ContractStatus | undefined) => [...others, v2, ...(status ? [{ ...v1, status }] : [])];
  const broken = (before: ContractStatus, after: ContractStatus | undefined, today = '2027-06-02') =>
    brokenPromises({ [TYPE]: before }, now(after), today).map(({ problem }) => problem);

  it.each<[string, ContractStatus, ContractStatus]>([
    ['current, and stays so', { state: 'current' }, { state: 'current' }],
    ['current, now deprecated', { state: 'current' }, deprecated],
    ['deprecated, now for longer', deprecated, { ...deprecated, until: '2027-12-31' }],
    ['deprecated, now current again', deprecated, { state: 'current' }],
    ['deprecated, retired after its day', deprecated, retired],
  ])('%s: kept', (_, before, after) => expect(broken(before, after)).toEqual([]));

  it.each<[string, ContractStatus, ContractStatus | undefined, string]>([
    ['current, and gone', { state: 'current' }, undefined, 'is gone from the catalogue'],
    ['current, retired at once', { state: 'current' }, retired, 'retired without having been deprecated'],
    ['deprecated, for a shorter time', deprecated, { ...deprecated, until: '2027-01-31' }, 'promised until 2027-01-31 only'],
    [
      'deprecated, retired before',
      deprecated,
      { ...retired, until: '2027-01-01', retiredOn: '2027-01-02' },
      'retired on 2027-01-02',
    ],
    ['deprecated, retired in the future', deprecated, { ...retired, retiredOn: '2027-07-01' }, 'not over yet'],
    ['retired, and back', retired, { state: 'current' }, 'was retired and is current again'],
  ])('%s: broken', (_, before, after, why) => expect(broken(before, after)).toEqual([expect.stringContaining(why)]));
});

describe('the gate', () => {
  const schema = (type: string): JsonSchema => ({ type: 'object', properties: { id: { type } } });
  const file = `events/${TYPE}.schema.json`;
  const gate = (status: ContractStatus, before: ContractStatus, schemas: Record<string, JsonSchema>) =>
    brokenContracts({
      published: { schemas: { [file]: schema('string') }, catalogue: { [TYPE]: before } },
      schemas,
      catalogue: [...others, v2, { ...v1, status }],
      today: '2027-06-02',
    }).map(({ problem }) => problem);

  it('keeps current and deprecated versions as they are', () => {
    const other = { [file]: schema('integer') };
    expect(gate({ state: 'current' }, { state: 'current' }, other)).toEqual(['type changed from string to integer']);
    expect(gate(deprecated, deprecated, other)).toEqual(['type changed from string to integer']);
    expect(gate(deprecated, { state: 'current' }, { [file]: schema('string') })).toEqual([]);
  });

  it('lets a schema go with a contract that was retired in time, and not before', () => {
    expect(gate(retired, deprecated, {})).toEqual([]);
    expect(gate(deprecated, deprecated, {})).toEqual([expect.stringContaining('the contract is gone')]);
    expect(gate(retired, { state: 'current' }, {})).toEqual([expect.stringContaining('without having been deprecated')]);
  });
});
