import { LINE_STATE } from '@tieout/delivery/postgres';
import { auditPage, linkWaiting } from '@tieout/persistence';
import { afterEach, describe, expect, it } from 'vitest';
import { ReplayedLedger, type AuditRecord } from './audit-replay.js';
import { hours } from './builders.js';
import type { Mishap } from './fake-erp.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

/** xorshift32: the same seed, the same unlucky weeks. */
const randomFrom = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

const audited = async (): Promise<ReplayedLedger> => {
  while ((await linkWaiting(world.database, 'erp-posting', 100)).more);
  const replayed = new ReplayedLedger();
  for (let afterSeq = 0; ;) {
    const page = await auditPage(world.database, { chain: 'erp-posting/US01', afterSeq, limit: 200, bytes: 1e9 });
    if (page.records.length === 0) return replayed;
    for (const { text } of page.records) replayed.apply(JSON.parse(text) as AuditRecord);
    afterSeq = page.records.at(-1)!.seq;
  }
};

/** Invariant 7: one record per transition, and replaying them rebuilds the state. */
const proveReplay = async (): Promise<void> => {
  const replayed = await audited();
  const lines = await world.database.query<{ key: string; state: string }>(
    `select posting_key as key, ${LINE_STATE} as state from posting p`,
  );
  const documents = await world.database.query<{ key: string; state: string }>('select document_key as key, state from document');
  expect(replayed.documents()).toEqual(Object.fromEntries(documents.map(({ key, state }) => [key, state])));
  expect(replayed.lines()).toEqual(Object.fromEntries(lines.map(({ key, state }) => [key, state])));
};

describe('replaying the audit', () => {
  it.each(['idempotency-key', 'look-up', 'draft-then-post'] as const)(
    '%s: rebuilds the states of lines and documents at every moment of unlucky weeks',
    async (protocol) => {
      world = await World.create(protocol, { maxLinesPerDocument: 4, partialAcceptance: protocol === 'look-up' });
      world.erp.takesParts = protocol === 'look-up';
      const random = randomFrom(20_261_123);
      const releases = new Map<number, number>();
      const mishaps: readonly Mishap[] = ['lost-before', 'lost-after', 'not-sent', 'says-yes-writes-nothing'];
      world.erp.refuses = (line) => (random(12) === 0 ? `line ${line.postingKey} is refused` : undefined);
      for (let round = 0; round < 30; round++) {
        for (let n = 0; n < 4; n++) {
          const who = random(12);
          const releaseNo = (releases.get(who) ?? 0) + 1;
          releases.set(who, releaseNo);
          await world.take([who, releaseNo, random(6) === 0 ? null : hours(String(1 + random(9)))]);
        }
        if (random(2) === 0) world.erp.mishaps.push(mishaps[random(mishaps.length)]!);
        if (random(5) === 0) await world.periods({ '2026-11': random(2) === 0 ? 'closed' : 'open' });
        world.erp.namesLines = random(3) > 0;
        await world.process.round();
        if (random(2) === 0) await world.timePasses();
        if (random(3) === 0) {
          const rejected = await world.database.query<{ key: string }>(
            `select posting_key as key from posting where state = 'rejected' limit 2`,
          );
          if (rejected.length > 0) await world.retry(...rejected.map(({ key }) => key));
        }
        await proveReplay();
      }
      world.erp.refuses = () => undefined;
      await world.periods({ '2026-11': 'open' });
      await world.settle();
      await proveReplay();
    },
    60_000,
  );

  it('tells every transition of a line by a record of its own or of its document', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8')]);
    await world.settle();
    await world.take([1, 2, hours('6')]);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed', 'reversal 2 confirmed', 'post 2 confirmed']);
    const actions = await world.database.query<{ action: string; n: number }>(
      'select action, count(*) as n from audit_record group by 1 order by 1',
    );
    expect(Object.fromEntries(actions.map(({ action, n }) => [action, n]))).toEqual({
      'posting.planned': 3,
      'document.frozen': 2,
      'document.sending': 2,
      'document.posted': 2,
      'document.confirmed': 2,
    });
    expect(await world.proveExactlyOnce({ 1: 6 })).toEqual([]);
  });
});
