import { setTimeout as delay } from 'node:timers/promises';
import { askAsTwo } from '@tieout/local';
import { readBooks } from './books.js';
import type { World } from './fault.js';
import { readLedger } from './ledger.js';

/** What the people do whom Tieout waits for, once the cause is mended. Above the threshold of policy one asks and another one agrees. */
const OPERATORS = { asks: 'olga-operator', agrees: 'otto-operator' } as const;
const FINANCE = { asks: 'finn-finance', agrees: 'fay-finance' } as const;

/** Asks for every rejected line again. */
export const retryRejected = async ({ tieout, say }: World): Promise<void> => {
  await tieout.waitUntilIdle(60_000);
  const { lines } = await readLedger(tieout.postgresUrl);
  const postingKeys = lines.filter(({ state }) => state === 'rejected').map(({ postingKey }) => postingKey);
  say(`a person asks for ${postingKeys.length} rejected lines again`);
  if (postingKeys.length > 0)
    await askAsTwo(tieout, OPERATORS, { service: 'erp-posting', path: '/postings/retry', body: { postingKeys } });
};

/** Puts right in the ERP whatever does not stand there as it was sent. */
export const mendLines = async ({ tieout, demo, erp, say }: World): Promise<void> => {
  const { lines } = await readLedger(tieout.postgresUrl);
  const sent = new Map(lines.map((line) => [line.postingKey, line]));
  let mended = 0;
  for (const { journalNo, lineRef, quantity } of await readBooks(demo.urls.erp, demo.secrets.readKey)) {
    const line = sent.get(lineRef);
    if (!line || Number(line.hours) === Number(quantity)) continue;
    await erp.tamper(journalNo, lineRef, { quantity: line.hours, value: line.amount });
    mended += 1;
  }
  say(`a person mends ${mended} lines in the ERP`);
};

const DUPLICATE = 'DUPLICATE_IN_DESTINATION';
const FOUND_WITHIN_MS = 90_000;
const LOOK_MS = 1_000;

/** Lines that stand twice in the ERP are reversed, but only once reconciliation has found every one. Counts them. */
export const reverseDuplicates = async ({ tieout, demo, counted, say }: World): Promise<void> => {
  const deadline = Date.now() + FOUND_WITHIN_MS;
  await tieout.waitUntilIdle(FOUND_WITHIN_MS);
  const byLine = Map.groupBy(await readBooks(demo.urls.erp, demo.secrets.readKey), ({ lineRef }) => lineRef);
  const twice = [...byLine].filter(([, lines]) => lines.length > 1);
  const surplus = twice.reduce((sum, [, lines]) => sum + lines.length - 1, 0);
  const known = new Map((await readLedger(tieout.postgresUrl)).lines.map((line) => [line.postingKey, line.entryId]));
  const entries = new Set(twice.flatMap(([key]) => known.get(key) ?? []));
  for (;;) {
    await tieout.reconcile();
    const { items } = await tieout.call<{ items: { reason: string; entryId?: string | null }[] }>(
      'reconciliation',
      'GET',
      '/differences',
    );
    const found = new Set(items.flatMap(({ reason, entryId }) => (reason === DUPLICATE && entryId ? entryId : [])));
    if ([...entries].every((id) => found.has(id))) break;
    if (Date.now() > deadline) throw new Error(`reconciliation found ${found.size} of ${entries.size} entries that stand twice`);
    await delay(LOOK_MS);
  }
  const postingKeys = twice.map(([key]) => key);
  if (postingKeys.length > 0) {
    const { lines, refused } = await askAsTwo<{ lines: number; refused: string[] }>(tieout, FINANCE, {
      service: 'erp-posting',
      path: '/operations/reverse-surplus',
      body: { postingKeys, dryRun: false },
    });
    if (refused.length > 0) throw new Error(`not every line that stands twice could be reversed: ${refused.join('; ')}`);
    counted.reversed = lines;
  }
  await tieout.waitUntilIdle(FOUND_WITHIN_MS);
  say(
    `reconciliation found ${entries.size} entries that stand twice; ${counted.reversed} of ${surplus} surplus lines are reversed`,
  );
};

/** Says of every document that cannot be asked for whether it stands in the ERP. */
export const settleByHand = async ({ tieout, demo, say }: World): Promise<void> => {
  await tieout.waitUntilIdle(60_000);
  const { lines } = await readLedger(tieout.postgresUrl);
  const journalOf = new Map((await readBooks(demo.urls.erp, demo.secrets.readKey)).map((line) => [line.lineRef, line.journalNo]));
  const unknown = Map.groupBy(
    lines.filter(({ state }) => state === 'unknown'),
    ({ documentKey }) => documentKey,
  );
  for (const [documentKey, members] of unknown) {
    const externalId = journalOf.get(members[0]!.postingKey);
    const verdict = externalId === undefined ? { verdict: 'not-booked' } : { verdict: 'booked', externalId };
    const body = { documentKey, ...verdict };
    await askAsTwo(tieout, FINANCE, { service: 'erp-posting', path: '/operations/settle', body });
  }
  say(`a person settles ${unknown.size} documents without an answer`);
};

const QUIET_LOOKS = 3;

/** Looks at every audit chain that went back behind what governance had signed, and says that it may go on: the database was restored. */
export const acknowledgeChains = async ({ tieout, say }: World): Promise<void> => {
  const call = tieout.as('audrey-auditor');
  const deadline = Date.now() + FOUND_WITHIN_MS;
  let acknowledged = 0;
  for (let quiet = 0; quiet < QUIET_LOOKS && Date.now() < deadline; await delay(2 * LOOK_MS)) {
    const { items } = await call<{ items: { chain: string; broken: unknown }[] }>('governance', 'GET', '/audit/chains');
    const broken = items.filter((item) => item.broken !== null);
    for (const { chain } of broken)
      await call('governance', 'POST', '/audit/chains/acknowledge', { chain, why: 'PostgreSQL was restored from a backup' });
    acknowledged += broken.length;
    quiet = broken.length === 0 && acknowledged > 0 ? quiet + 1 : 0;
  }
  say(`the auditor lets ${acknowledged} audit chains go on`);
};
