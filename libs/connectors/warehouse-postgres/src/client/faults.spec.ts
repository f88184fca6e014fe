import { isFault } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { isMissingSchema, isRefusedContent, isServerAnswer, toFault } from './faults.js';

const error = (code: string | undefined, message = 'no'): Error =>
  Object.assign(new Error(message), code !== undefined && { code });
const kindOf = (of: Error): string => {
  const fault = toFault(of);
  return isFault(fault) ? fault.kind : 'as it is';
};

describe('what a failure says', () => {
  it.each([
    ['28P01', 'CredentialsRejected'],
    ['42501', 'CredentialsRejected'],
    ['3D000', 'CredentialsRejected'],
    ['57014', 'Unavailable'],
    ['40P01', 'Unavailable'],
    ['53300', 'Unavailable'],
    ['42P01', 'Unavailable'],
    ['ECONNREFUSED', 'Unavailable'],
    ['42601', 'ContractBroken'],
    ['22003', 'as it is'],
    ['23502', 'as it is'],
  ])('%s is %s', (code, kind) => {
    expect(kindOf(error(code))).toBe(kind);
  });

  it.each(['Connection terminated unexpectedly', 'Query read timeout', 'timeout exceeded when trying to connect'])(
    'the driver: %s',
    (message) => {
      expect(kindOf(error(undefined, message))).toBe('Unavailable');
    },
  );

  it('a bug stays a bug', () => {
    const bug = new TypeError('x is not a function');
    expect(toFault(bug)).toBe(bug);
  });

  it('tells refused content and missing tables, and who answered', () => {
    expect([isRefusedContent(error('22P02')), isRefusedContent(error('42P01'))]).toEqual([true, false]);
    expect([isMissingSchema(error('42P01')), isMissingSchema(error('23505'))]).toEqual([true, false]);
    expect([isServerAnswer(error('40001')), isServerAnswer(error('ECONNRESET')), isServerAnswer(error(undefined))]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
