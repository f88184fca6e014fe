import { setTimeout as delay } from 'node:timers/promises';
import { readBooks } from './books.js';
import type { World } from './fault.js';
import { readLedger } from './ledger.js';

/** What the people do whom Tieout waits for, once the cause is mended. */

/** Asks for every rejected line again. */
export const retryRejected = async ({ tieout, say }: World): Promise<void> => {
  await tieout.waitUntilIdle(60_000);
  const { lines } = await readLedger(tieout.postgresUrl);
  const postingKeys = lines.filter(({ state }) => state === 'rejected').map(({ postingKey }) => postingKey);
  say(`a person asks for ${postingKeys.length} rejected lines again`);
  if (postingKeys.length > 0) await tieout.call('erp-posting', 'POST', '/postings/retry', { postingKeys });
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

/** Duplicates that stand in the ERP are taken out of it, but only once reconciliation has found every one. Counts them. */
export const reverseDuplicates = async ({ tieout, demo, erp, counted, say }: World): Promise<void> => {
  const deadline = Date.now() + FOUND_WITHIN_MS;
  await tieout.waitUntilIdle(FOUND_WITHIN_MS);
  const byLine = Map.groupBy(await readBooks(demo.urls.erp, demo.secrets.readKey), ({ lineRef }) => lineRef);
  const surplus = [...byLine.values()].flatMap((lines) => lines.slice(1));
  const entries = new Set(
    (await readLedger(tieout.postgresUrl)).lines.flatMap((l) => ((byLine.get(l.postingKey)?.length ?? 0) > 1 ? l.entryId : [])),
  );
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
  for (const { journalNo, lineRef } of surplus) await erp.tamper(journalNo, lineRef, null);
  counted.reversed = surplus.length;
  say(`reconciliation found ${entries.size} entries that stand twice; a person takes ${surplus.length} lines out of the ERP`);
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
    await tieout.call('erp-posting', 'POST', '/operations/settle', { documentKey, ...verdict });
  }
  say(`a person settles ${unknown.size} documents without an answer`);
};
