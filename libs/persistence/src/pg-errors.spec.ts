import { isFault } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { isSerialisationConflict, isUniqueViolation, SqlError, toFault } from './pg-errors.js';

const wrapped = (code: string, more: object = {}) =>
  Object.assign(new Error('Query failed'), {
    parameters: ['secret'],
    driverError: Object.assign(new Error('the cause'), { code, ...more }),
  });
const kindOf = (error: unknown) => {
  const mapped = toFault(error);
  return isFault(mapped) ? mapped.kind : mapped;
};

describe('what the driver throws', () => {
  it.each(['08006', '57P01', '57014', '53300', 'ECONNREFUSED', 'ECONNRESET', '40P01', '25006'])('%s is Unavailable', (code) => {
    expect(kindOf(wrapped(code))).toBe('Unavailable');
  });

  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect', 'Query read timeout'])(
    '"%s" is Unavailable',
    (message) => expect(kindOf(new Error(message))).toBe('Unavailable'),
  );

  it.each(['28P01', '3D000'])('%s is CredentialsRejected', (code) => expect(kindOf(wrapped(code))).toBe('CredentialsRejected'));

  it('a refused statement becomes an SqlError without its parameters', () => {
    const error = toFault(wrapped('23505', { constraint: 'posting__key__uq', table: 'posting' }));
    expect(error).toBeInstanceOf(SqlError);
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(isUniqueViolation(error, 'posting__key__uq')).toBe(true);
    expect(isUniqueViolation(error, 'another__uq')).toBe(false);
  });

  it('anything else stays what it is', () => {
    const bug = new TypeError('x is not a function');
    expect(toFault(bug)).toBe(bug);
  });

  it('deadlocks and serialisation failures may be tried again', () => {
    expect([wrapped('40001'), wrapped('40P01'), wrapped('23505')].map(isSerialisationConflict)).toEqual([true, true, false]);
  });
});
