import { describe, expect, it } from 'vitest';
import { BootProblem } from './boot-problem.js';
import { readConfig, type Environment } from './config.js';

const GOOD = {
  DATABASE_URL: 'postgres://time:hunter2@127.0.0.1:5432/time',
  NATS_URL: 'nats://127.0.0.1:4222',
  HTTP_PORT: '7401',
  OIDC_ISSUER: 'http://127.0.0.1:7400',
  POLICY_DIR: import.meta.dirname,
} satisfies Environment;

function problemsOf(env: Environment): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof BootProblem) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('needs five variables and has defaults for the rest', () => {
    expect(readConfig(GOOD)).toMatchObject({
      databaseDirectUrl: GOOD.DATABASE_URL,
      httpHost: '127.0.0.1',
      httpPort: 7401,
      oidcAudience: 'tieout',
      logLevel: 'info',
      nats: { servers: 'nats://127.0.0.1:4222' },
      sweepEveryMs: 30_000,
    });
    expect(readConfig(GOOD).instanceId).not.toBe(readConfig(GOOD).instanceId);
  });

  it('takes a clock that is fast or slow', () => {
    expect(readConfig(GOOD).clockOffsetMs).toBe(0);
    expect(readConfig({ ...GOOD, CLOCK_OFFSET_MS: '-300000' }).clockOffsetMs).toBe(-300_000);
  });

  it('names every missing variable at once, with what is expected', () => {
    const problems = problemsOf({});
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(Object.keys(GOOD));
    expect(problems[2]).toBe('HTTP_PORT is missing: expected a whole number from 0 to 65535');
  });

  it.each([
    ['HTTP_PORT', 'http', 'HTTP_PORT is "http": expected a whole number from 0 to 65535'],
    ['HTTP_PORT', '65536', 'HTTP_PORT is "65536": expected a whole number from 0 to 65535'],
    ['OIDC_ISSUER', 'localhost:7400', 'OIDC_ISSUER is "localhost:7400": expected the http(s) URL of the OpenID provider'],
    ['POLICY_DIR', '/no/such/folder', 'POLICY_DIR is "/no/such/folder": expected the folder of the policy bundle'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL is "loud": expected one of fatal, error, warn, info, debug, trace, silent'],
    ['CLOCK_OFFSET_MS', '5m', 'CLOCK_OFFSET_MS is "5m": expected a whole number from -86400000 to 86400000'],
    ['SWEEP_EVERY_MS', '99', 'SWEEP_EVERY_MS is "99": expected a whole number from 100 to 86400000'],
  ])('refuses %s=%s', (name, value, problem) => {
    expect(problemsOf({ ...GOOD, [name]: value })).toEqual([problem]);
  });

  it.each([
    ['DATABASE_URL', 'mysql://time:hunter2@db/time'],
    ['DATABASE_DIRECT_URL', 'hunter2'],
    ['NATS_URL', 'nats://a:4222,http://b:hunter2@c'],
  ])('never shows what %s holds', (name, value) => {
    const [problem] = problemsOf({ ...GOOD, [name]: value });
    expect(problem).toMatch(new RegExp(`^${name} is wrong .*: expected .*URL`));
    expect(problem).not.toContain('hunter2');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ ...GOOD, LOG_LEVEL: '', DATABASE_DIRECT_URL: '' })).toMatchObject({
      logLevel: 'info',
      databaseDirectUrl: GOOD.DATABASE_URL,
    });
    expect(problemsOf({ ...GOOD, NATS_URL: '' })[0]).toContain('NATS_URL is missing');
  });

  it('takes user and password out of the NATS addresses', () => {
    const { nats } = readConfig({ ...GOOD, NATS_URL: 'nats://post:a%2Fb@one:4222,nats://two:4222' });
    expect(nats).toEqual({ servers: 'nats://one:4222,nats://two:4222', user: 'post', password: 'a/b' });
  });
});
