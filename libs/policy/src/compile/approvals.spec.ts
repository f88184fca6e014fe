import { describe, expect, it } from 'vitest';
import { compiled, problemsOf } from '../../test/compiled.js';
import { GOOD_BUNDLE } from '../../test/good-bundle.js';
import { ALL_PARTS, OPERATOR_ACTIONS, type OperatorAction } from '../compiled-policy.js';

const { approvals, secondPerson } = compiled();
const text = GOOD_BUNDLE['approvals.yaml']!;

describe('approvals', () => {
  it('name a row per part and role', () => {
    expect(approvals.neededFor(['accounts', 'approvals', 'overrides'])).toEqual([
      { part: 'accounts', role: 'finance' },
      { part: 'approvals', role: 'enterprise-architecture' },
      { part: 'approvals', role: 'finance' },
      { part: 'overrides', role: 'finance' },
    ]);
    expect(approvals.neededFor([])).toEqual([]);
  });
  it.each(ALL_PARTS)('of %s are never left out', (part) => {
    const line = text.split('\n').find((each) => each.startsWith(`  ${part}: `))!;
    expect(problemsOf({ 'approvals.yaml': text.replace(`${line}\n`, '') })).toEqual([
      `approvals.yaml:2:3 "approvers" lacks "${part}" -> add "${part}:" here`,
    ]);
    expect(problemsOf({ 'approvals.yaml': text.replace(line, `  ${part}: []`) })).toHaveLength(1);
  });
  it('are not given by services, auditors or unknown roles', () => {
    for (const role of ['service', 'auditor', 'king'])
      expect(problemsOf({ 'approvals.yaml': text.replace('accounts: [finance]', `accounts: [${role}]`) })).toEqual([
        expect.stringContaining(`"approvers.accounts.[1]" is "${role}": expected one of operator, finance`),
      ]);
  });
});

describe('a second person', () => {
  it.each<[OperatorAction, number, Record<string, string>, boolean]>([
    ['bulk-fix', 25, { EUR: '10000' }, false],
    ['bulk-fix', 26, {}, true],
    ['bulk-fix', 1, { EUR: '10000.01' }, true],
    ['bulk-fix', 1, { EUR: '-10000.01' }, true],
    // No threshold for the currency: any of it is too much.
    ['bulk-fix', 1, { INR: '1' }, true],
    ['bulk-fix', 1, { INR: '0.00' }, false],
    // No threshold for money: only lines count.
    ['replay', 100, { EUR: '99999999' }, false],
    ['replay', 101, {}, true],
    // Zero lines: always.
    ['settle', 0, {}, true],
    ['override', 1, {}, true],
    // No threshold for lines: only money counts.
    ['reverse-surplus', 9999, { EUR: '500', USD: '600' }, false],
    ['reverse-surplus', 1, { EUR: '500', USD: '600.5' }, true],
    // No threshold at all: never.
    ['accrue', 9999, { EUR: '99999999' }, false],
  ])('%s of %i lines and %j: %s', (action, lines, amounts, needed) => {
    expect(secondPerson(action, { lines, amounts })).toBe(needed);
  });
  it.each(OPERATOR_ACTIONS)('is said for %s, or the bundle is refused', (action) => {
    const line = text.split('\n').find((each) => each.startsWith(`  ${action}: `))!;
    expect(problemsOf({ 'approvals.yaml': text.replace(`${line}\n`, '') })).toEqual([
      expect.stringContaining(`"secondPerson" lacks "${action}"`),
    ]);
  });
});
