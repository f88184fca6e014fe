import { setTimeout as delay } from 'node:timers/promises';
import { entryIdOf, postingKeyOf } from '@tieout/model';
import { afterEach, expect, it } from 'vitest';
import { content, entry } from './builders.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

const BACKLOG = 100_000;
const SEND_MS = 40;
const PATIENCE_S = { normal: 3_600, close: 0 };

/** Targets of another hundred thousand entries, or their lines as planned, of a lane that lets others pass. */
const backlog = async (as: 'targets' | 'lines'): Promise<void> => {
  const ids = Array.from({ length: BACKLOG }, (_, n) => entryIdOf('psa', `B-${n}`));
  const keys = ids.map((id) => postingKeyOf('erp', id, 1, 'labour-cost', 'post'));
  const { workerId: _, projectId: __, cost, routes: ___, ...rest } = content();
  const line = { ...rest, amount: cost.amount, currency: cost.currency };
  const rank = Date.now() + PATIENCE_S.normal * 1000;
  const wanted = JSON.stringify([{ leg: 'labour-cost', content: line }]);
  await world.database.query(
    `insert into target (entry_id, destination, legal_entity_id, release_no, wanted, rank, planning, updated_at)
     select id, 'erp', 'US01', 1, $2::jsonb, $3, $4, now() from unnest($1::uuid[]) as id`,
    [ids, wanted, rank, as === 'targets' ? 'dirty' : 'clean'],
  );
  if (as === 'targets') return;
  await world.database.query(
    `insert into posting (entry_id, posting_key, destination, legal_entity_id, release_no, leg, kind, origin, content, content_hash, state, lane, rank,
       created_at, updated_at)
     select id, key, 'erp', 'US01', 1, 'labour-cost', 'post', 'original', $3::jsonb, md5(id::text)::uuid, 'pending', 'normal', $4, now(), now()
     from unnest($1::uuid[], $2::uuid[]) as u(id, key)`,
    [ids, keys, JSON.stringify(line), rank],
  );
};

/** Runs a step over and over, as the engine does, until it is told to stop. */
const loop = (run: () => Promise<'more' | 'idle'>, stop: AbortSignal): Promise<void> =>
  (async () => {
    while (!stop.aborted) if ((await run()) === 'idle') await delay(5);
  })();

it.each([
  ['lines', 1],
  ['lines', 4],
  ['targets', 1],
  ['targets', 4],
] as const)(
  'a backlog of 100,000 %s delays a line near close by no more than one document’s send (%i at a time)',
  { timeout: 240_000 },
  async (as, maxConcurrency) => {
    world = await World.create('look-up', { maxConcurrency, maxLinesPerDocument: 100 }, true);
    await backlog(as);
    world.policy['lane'] = ({ billable }: { billable: boolean }) => (billable ? 'normal' : 'close');
    world.policy['patienceSeconds'] = (lane: keyof typeof PATIENCE_S) => PATIENCE_S[lane];
    const process = world.newProcess();
    world.process = process;
    const started: string[][] = [];
    world.erp.whileWorking = async ({ lines }) => {
      started.push(lines.map((line) => line.entryId));
      await delay(SEND_MS);
    };
    await process.ledger.guard.start();
    await process.budget.start();
    const end = new AbortController();
    const loops = [process.planner, process.freezer, process.sender].map((step) => loop(() => step.run(), end.signal));
    const sent = (n: number) => () => started.length >= n;
    const until = async (there: () => boolean | Promise<boolean>): Promise<void> => {
      while (!(await there())) await delay(2);
    };
    await until(sent(6 * maxConcurrency));
    // The line comes in while all slots are busy and both queues are full.
    const fromMs = performance.now();
    const takenAt = started.length;
    await world.take([1, 1, content({ billable: false })]);
    const frozen = async () =>
      (await world.database.query(`select from posting where entry_id = $1 and document_key is not null`, [entry(1)])).length > 0;
    await until(frozen);
    const frozenMs = performance.now() - fromMs;
    const frozenAt = started.length;
    const mine = () => started.findIndex((lines) => lines.includes(entry(1)));
    await until(() => mine() >= 0);
    const wholeMs = performance.now() - fromMs;
    end.abort();
    await Promise.all(loops);
    await process.sender.drain();
    const figures = {
      as,
      maxConcurrency,
      between: mine() - frozenAt,
      beforeFrozen: frozenAt - takenAt,
      frozenMs: Math.round(frozenMs),
      wholeMs: Math.round(wholeMs),
    };
    console.info(JSON.stringify(figures));
    // Those that had begun when it was frozen do not count; each slot may begin one more that was frozen and claimed before.
    expect(mine() - frozenAt).toBeLessThanOrEqual(maxConcurrency);
  },
);
