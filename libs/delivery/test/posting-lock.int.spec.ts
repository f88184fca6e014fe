import { Database, migrate, type Tx } from '@tieout/persistence';
import { eventually, testDatabase, type TestDatabase } from '@tieout/testing';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DELIVERY_MIGRATIONS } from '../src/postgres/index.js';
import { PostingStore } from '../src/postgres/posting.store.js';

const ENTRIES = Array.from({ length: 4 }, () => v7());
const targets = ENTRIES.map((entryId) => ({ entryId, destination: 'erp', releaseNo: 1, wanted: [] }));
const postings = new PostingStore();
let home: TestDatabase;
let database: Database;

beforeAll(async () => {
  home = await testDatabase((url) => migrate({ url, migrations: DELIVERY_MIGRATIONS }));
  database = new Database({ url: home.url });
  for (const entryId of ENTRIES)
    await database.query(
      `insert into posting (entry_id, posting_key, destination, legal_entity_id, release_no, leg, kind, origin, content, content_hash, state,
         created_at, updated_at)
       values ($1, $1, 'erp', 'US01', 1, 'labour-cost', 'post', 'original', '{}', $1, 'pending', now(), now())`,
      [entryId],
    );
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

const someoneWaits = async (): Promise<void> =>
  eventually(async () => {
    const rows = await database.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(rows).toHaveLength(1);
  });

/** As the planner of the database chooses it once there are many postings. */
const likeManyPostings = async (tx: Tx): Promise<void> => {
  for (const way of ['hashjoin', 'mergejoin', 'seqscan']) await tx.query(`set local enable_${way} = off`);
};

it.each(ENTRIES)('finds every line, also one that somebody changed while it was waited for (%#)', async (changed) => {
  let found: Promise<string[]> | undefined;
  await database.transaction(async (tx) => {
    await tx.query(`update posting set account = '6100' where entry_id = $1`, [changed]);
    found = database.transaction(async (other) => {
      await likeManyPostings(other);
      return (await postings.lockOf(other, targets)).map((row) => row.entryId);
    });
    await someoneWaits();
  });
  expect(await found).toEqual([...ENTRIES].sort());
});
