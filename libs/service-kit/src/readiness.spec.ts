import { expect, it } from 'vitest';
import { Readiness } from './readiness.js';

it('is ready when every check is, and says what is not', async () => {
  const readiness = new Readiness();
  readiness.add('nats', async () => undefined);
  expect(await readiness.report()).toEqual({ ready: true, checks: { nats: 'ok' } });
  readiness.add('database', () => Promise.reject(new Error('connection refused')));
  readiness.add('migrations', async () => 'run: node dist/migrate.js');
  expect(await readiness.report()).toEqual({
    ready: false,
    checks: { nats: 'ok', database: 'connection refused', migrations: 'run: node dist/migrate.js' },
  });
});

it('does not wait for a check that hangs', async () => {
  const readiness = new Readiness();
  readiness.add('database', () => new Promise(() => undefined));
  expect((await readiness.report()).checks['database']).toMatch(/^no answer within \d+ ms$/);
});
