import { randomUUID } from 'node:crypto';
import { EVENT_TYPES } from '@tieout/contracts';
import { entryIdOf, Fault } from '@tieout/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, line, run, runs, startWorld, stopWorld, told, world } from './world.js';

beforeAll(() => startWorld());
afterAll(() => stopWorld());

const missing = { reason: 'MISSING_IN_DESTINATION', destination: 'erp', entryId: entryIdOf('psa', 't2'), hours: '8' };

it('ties out, line by line, and says who asked', async () => {
  const done = await run();
  expect(done).toMatchObject({ tiesOut: true, failure: null, askedBy: 'user:olga' });
  const both = { count: 2, hours: '16', amounts: { EUR: '800' } };
  expect(done.lines).toMatchObject([{ legalEntityId: 'DE01', destination: 'erp', approved: both, posted: both, differences: 0 }]);
  expect((await told(EVENT_TYPES.runCompleted)).at(-1)).toMatchObject({ runId: done.runId, tiesOut: true });
  expect(await (await call('GET', `/runs/${done.runId}`)).json()).toMatchObject({ runId: done.runId });
});

it('does not believe a difference that is gone at the second reading', async () => {
  const readings = world.readings;
  world.booked = [line(1)];
  world.beforeReading = () => {
    if (world.readings === readings + 2) world.booked = [line(1), line(2)];
  };
  expect(await run()).toMatchObject({ tiesOut: true });
  world.beforeReading = () => undefined;
  expect(world.readings).toBe(readings + 2);
  expect(await told(EVENT_TYPES.differenceFound)).toEqual([]);
});

it('tells of a missing line once, after reading twice', async () => {
  world.booked = [line(1)];
  const readings = world.readings;
  expect(await run()).toMatchObject({ tiesOut: false, lines: [{ differences: 1, inFlight: { count: 1 } }] });
  expect(world.readings).toBe(readings + 2);
  await run();
  expect(await told(EVENT_TYPES.differenceFound)).toMatchObject([missing]);
  expect(await (await call('GET', '/differences')).json()).toMatchObject({ items: [missing] });
  const shown = async (n: number) => (await call('GET', `/entries/${entryIdOf('psa', `t${n}`)}`)).json();
  const lastRun = { runId: (await runs())[0]!.runId, tiesOut: false };
  const status = { state: 'released', routes: ['erp', 'bureau', 'warehouse'] };
  expect(await shown(2)).toMatchObject({ status, differences: [{ reason: missing.reason, resolvedAt: null }], lastRun });
  expect(await shown(1)).toMatchObject({ status, differences: [], lastRun });
  expect(await shown(9)).toMatchObject({ status: null, differences: [], lastRun: null });
});

it('a run for other days does not take it for solved', async () => {
  const { source, booked } = world;
  [world.source, world.booked] = [[], []];
  await run({ from: '2026-01-01', to: '2026-01-31' });
  [world.source, world.booked] = [source, booked];
  expect(await told(EVENT_TYPES.differenceResolved)).toEqual([]);
});

it('compares nothing when an end cannot be read, and tells of the connection', async () => {
  world.fails = new Fault('Unavailable', 'GET /journal: 503');
  expect(await run()).toMatchObject({ tiesOut: false, lines: [], failure: 'GET /journal: 503' });
  expect(await told(EVENT_TYPES.connectionFaulted)).toMatchObject([
    { connection: 'erp', raisedBy: 'reconciliation', reason: 'CONNECTION_UNAVAILABLE' },
  ]);
  expect(await told(EVENT_TYPES.differenceResolved)).toEqual([]);
  world.fails = undefined;
  const recovered = async () =>
    ((await told(EVENT_TYPES.connectionRecovered)) as { connection: string }[]).filter(({ connection }) => connection === 'erp');
  const before = (await recovered()).length;
  await run();
  expect(await recovered()).toHaveLength(before + 1);
});

it('tells that a difference is solved, also when nothing is left to compare', async () => {
  [world.source, world.booked] = [[], []];
  await run();
  expect(await told(EVENT_TYPES.differenceResolved)).toMatchObject([
    { differenceKey: `erp|MISSING_IN_DESTINATION|${missing.entryId}` },
  ]);
  expect(await (await call('GET', '/differences')).json()).toEqual({ items: [] });
});

it.each([
  ['POST', '/runs', {}, null, 401],
  ['POST', '/runs', {}, ['auditor'], 403],
  ['POST', '/runs', { from: 'yesterday' }, ['finance'], 400],
  ['GET', `/runs/${randomUUID()}`, undefined, ['auditor'], 404],
])('%s %s %j as %j: %i', async (method, path, body, roles, status) => {
  expect((await call(method, path, body, roles)).status).toBe(status);
});
