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
