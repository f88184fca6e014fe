import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../schemas.js';
import { breakingChanges, explain } from './compatibility.js';

type Node = Record<string, unknown>;

const published = (): Node => ({
  type: 'object',
  required: ['id', 'lines'],
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 40 },
    note: { type: 'string' },
    state: { type: 'string', enum: ['posted', 'rejected'] },
    lines: { type: 'array', items: { $ref: '#/definitions/Line' } },
  },
  definitions: {
    Line: {
      type: 'object',
      required: ['amount'],
      properties: {
        amount: { type: 'string', pattern: '^\\d+$' },
        count: { type: 'integer', minimum: 0 },
        of: { $ref: '#/definitions/Line' },
      },
    },
  },
});

type Properties = Record<string, Node>;
const root = (schema: Node): Properties => schema['properties'] as Properties;
const line = (schema: Node): Node => (schema['definitions'] as Properties)['Line']!;
const lineProperties = (schema: Node): Properties => line(schema)['properties'] as Properties;

const check = (change: (schema: Node) => void): string[] => {
  const after = published();
  change(after);
  return breakingChanges({ 'a.json': published() as JsonSchema }, { 'a.json': after as JsonSchema }).map(
    ({ path, problem }) => `${path}: ${problem}`,
  );
};

describe('breaking changes', () => {
  const planted: [string, (schema: Node) => void, string[]][] = [
    ['a removed property', (s) => void delete root(s)['note'], ['note: property removed or renamed']],
    [
      'a renamed property',
      (s) => {
        root(s)['remark'] = root(s)['note']!;
        delete root(s)['note'];
      },
      ['note: property removed or renamed'],
    ],
    ['another type', (s) => void (root(s)['note'] = { type: 'integer' }), ['note: type changed from string to integer']],
    [
      'another type in a nested class',
      (s) => void (lineProperties(s)['count'] = { type: 'string' }),
      ['lines[].count: type changed from integer to string'],
    ],
    [
      'a narrowed enum',
      (s) => void (root(s)['state'] = { type: 'string', enum: ['posted'] }),
      ['state: values no longer allowed: rejected'],
    ],
    [
      'a new enum',
      (s) => void (root(s)['note'] = { type: 'string', enum: ['a'] }),
      ['note: only certain values are allowed now: a'],
    ],
    [
      'a property that becomes required',
      (s) => void (s['required'] = ['id', 'lines', 'note']),
      ['note: property is required now'],
    ],
    [
      'a new required property',
      (s) => void ((root(s)['extra'] = { type: 'string' }), (s['required'] = ['id', 'lines', 'extra'])),
      ['extra: property is required now'],
    ],
    ['a promise taken back', (s) => void (s['required'] = ['id']), ['lines: property was promised and is optional now']],
    ['a new pattern', (s) => void (root(s)['note'] = { type: 'string', pattern: '^x' }), ['note: pattern added: ^x']],
    [
      'another pattern',
      (s) => void (lineProperties(s)['amount'] = { type: 'string', pattern: '^\\d{3}$' }),
      ['lines[].amount: pattern changed from ^\\d+$: ^\\d{3}$'],
    ],
    [
      'a pattern that does not take every value of the list before',
      (s) => void (root(s)['state'] = { type: 'string', pattern: '^(posted|adopted)$' }),
      ['state: pattern added: ^(posted|adopted)$'],
    ],
    ['a lower maximum', (s) => void (root(s)['id']!['maxLength'] = 20), ['id: maxLength changed from 40: 20']],
    ['a higher minimum', (s) => void (lineProperties(s)['count']!['minimum'] = 1), ['lines[].count: minimum changed from 0: 1']],
    ['a new limit', (s) => void (root(s)['lines']!['maxItems'] = 10), ['lines: maxItems added: 10']],
    [
      'closed to unknown properties',
      (s) => void (s['additionalProperties'] = false),
      ['(body): unknown properties are refused now'],
    ],
    [
      'other items',
      (s) => void (root(s)['lines']!['items'] = { type: 'string' }),
      [
        'lines[]: type changed from object to string',
        'lines[].amount: property removed or renamed',
        'lines[].count: property removed or renamed',
        'lines[].of: property removed or renamed',
      ],
    ],
  ];
  it.each(planted)('%s is found', (_, change, expected) => {
    expect(check(change)).toEqual(expected);
  });

  it('a contract that is gone is found', () => {
    expect(breakingChanges({ 'a.json': published() as JsonSchema }, {})).toEqual([
      { contract: 'a.json', path: '(body)', problem: 'the contract is gone; a published version stays until nobody uses it' },
    ]);
  });

  const compatible: [string, (schema: Node) => void][] = [
    ['nothing', () => undefined],
    ['a new optional property', (s) => void (root(s)['extra'] = { type: 'string' })],
    ['a wider enum', (s) => void (root(s)['state'] = { type: 'string', enum: ['adopted', 'rejected', 'posted'] })],
    [
      'a pattern that takes every value of the list before',
      (s) => void (root(s)['state'] = { type: 'string', pattern: '^(posted|rejected|pay:.+)$' }),
    ],
    ['no pattern any more', (s) => void (lineProperties(s)['amount'] = { type: 'string' })],
    ['wider limits', (s) => void ((root(s)['id']!['maxLength'] = 80), delete root(s)['id']!['minLength'])],
    [
      'a renamed definition',
      (s) =>
        void (
          (s['definitions'] = { Item: line(s) }),
          (lineProperties({ definitions: { Line: (s['definitions'] as Properties)['Item'] } })['of'] = {
            $ref: '#/definitions/Item',
          }),
          (root(s)['lines']!['items'] = { $ref: '#/definitions/Item' })
        ),
    ],
  ];
  it.each(compatible)('%s is compatible', (_, change) => expect(check(change)).toEqual([]));

  it('says what to do', () => {
    const text = explain([{ contract: 'a.json', path: 'note', problem: 'property removed or renamed' }]);
    expect(text).toContain('a.json: note: property removed or renamed');
    expect(text).toContain('Add a new contract version');
  });
});
