import { controlTotals } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import { lineHash, type LineContent } from '../domain/ledger.js';
import { postingMove } from '../domain/posting-states.js';
import type { SummaryField } from '../domain/summarise.js';
import type { AdoptedLine, BookedRow, ForgottenLine, LedgerImport, WantedOfEntry } from '../engine/ledger-import.js';
import type { PostingRow } from '../engine/rows.js';
import { LINE_STATE, POSTING_COLUMNS } from './posting.table.js';

/** What adoption and restore write. Rare, and in batches of one document. */
export class LedgerImportStore implements LedgerImport {
  async openPosts(tx: Tx, destination: string): Promise<PostingRow[]> {
    return tx.query<PostingRow>(
      `select ${POSTING_COLUMNS} from posting p
       where p.destination = $1 and p.state = 'pending' and p.kind = 'post' and (p.document_key is null or exists
         (select from document d where d.document_key = p.document_key and d.state = 'frozen' and not d.exposed))
       order by p.entry_id, p.seq for update of p`,
      [destination],
    );
  }

  async unsettled(tx: Tx, destination: string): Promise<{ entries: number; documents: number }> {
    const [row] = await tx.query<{ entries: number; documents: number }>(
      `select (select count(*)::int from target where destination = $1 and planning = 'dirty') as entries,
         (select count(*)::int from document where destination = $1
            and (state in ('sending', 'queued', 'unknown') or (state = 'frozen' and exposed))) as documents`,
      [destination],
    );
    return row!;
  }

  async unsent(tx: Tx, destination: string): Promise<string[]> {
    const rows = await tx.query<{ key: string }>(
      `select document_key as key from document where destination = $1 and state = 'frozen' and not exposed order by document_key`,
      [destination],
    );
    return rows.map(({ key }) => key);
  }

  async insertBooked(tx: Tx, documents: readonly BookedRow[], now: string): Promise<void> {
    for (const document of documents)
      await tx.query(
        `insert into document (document_key, destination, legal_entity_id, currency, posting_period, posting_date, content_hash, posting_keys, totals,
           state, exposed, external_id, frozen_at, posted_at, confirmed_at)
         values ($1::uuid, $2, $3, $4, $5, $6, md5($1::uuid::text)::uuid, $7::uuid[], $8, 'confirmed', true, $9, $10, $10, $10)
         on conflict (document_key) do update set state = 'confirmed', external_id = excluded.external_id, exposed = true, posting_keys = excluded.posting_keys,
           totals = excluded.totals, posted_at = excluded.posted_at, confirmed_at = excluded.confirmed_at,
           next_attempt_at = null, held = false, message = null, discard_draft = false, content = null, traceparents = null
         where document.state in ('dissolved', 'rejected', 'frozen')`,
        [
          document.documentKey,
          document.destination,
          document.legalEntityId,
          document.currency,
          document.postingPeriod,
          document.postingDate,
          document.lines.map((line) => line.postingKey),
          JSON.stringify(await totalsOf(tx, document)),
          document.externalId,
          now,
        ],
      );
  }

  async adoptLines(tx: Tx, document: BookedRow, now: string): Promise<void> {
    const { from, to } = postingMove('adopt');
    await tx.query(
      `update posting p set state = $7, document_key = $4, account = u.account, balancing_account = u.balancing_account, posting_period = $5, posting_date = $6,
         blocked_reason = null, blocked_detail = null, recheck = false, message = null, updated_at = $9
       from unnest($1::uuid[], $2::uuid[], $3::text[], $10::text[]) as u(entry_id, posting_key, account, balancing_account)
       where p.entry_id = u.entry_id and p.posting_key = u.posting_key and ${LINE_STATE} = any($8::text[])`,
      [
        document.lines.map((line) => line.entryId),
        document.lines.map((line) => line.postingKey),
        document.lines.map((line) => line.account ?? null),
        document.documentKey,
        document.postingPeriod,
        document.postingDate,
        to,
        from,
        now,
        document.lines.map((line) => line.balancingAccount ?? null),
      ],
    );
  }

  async seal(tx: Tx, documentKey: string, summary: readonly SummaryField[] | null, contentHash: string): Promise<void> {
    await tx.query(`update document set content_hash = $2, summary = $3 where document_key = $1`, [
      documentKey,
      contentHash,
      summary === null ? null : JSON.stringify(summary),
    ]);
  }

  async adoptedBefore(tx: Tx, destination: string, externalIds: readonly string[]): Promise<AdoptedLine[]> {
    return tx.query<AdoptedLine>(
      `select external_id as "externalId", line_key as "lineKey", posting_key as "postingKey" from adopted_line
       where destination = $1 and external_id = any($2::text[])`,
      [destination, externalIds],
    );
  }

  async rememberAdopted(tx: Tx, destination: string, lines: readonly AdoptedLine[]): Promise<void> {
    await tx.query(
      `insert into adopted_line (destination, external_id, line_key, posting_key) select $1, * from unnest($2::text[], $3::text[], $4::uuid[])`,
      [destination, lines.map((l) => l.externalId), lines.map((l) => l.lineKey), lines.map((l) => l.postingKey)],
    );
  }

  async wanted(tx: Tx, destination: string, entryIds: readonly string[]): Promise<WantedOfEntry[]> {
    return tx.query<WantedOfEntry>(
      `select t.entry_id as "entryId", w.leg, 'post' as kind, w.content from target t, jsonb_to_recordset(t.wanted) as w(leg text, content jsonb)
       where t.destination = $1 and t.entry_id = any($2::uuid[])`,
      [destination, entryIds],
    );
  }

  /** As pending lines: `adoptLines` then gives them their document, like any other. */
  async insertForgotten(tx: Tx, lines: readonly ForgottenLine[], now: string): Promise<void> {
    if (lines.length === 0) return;
    await tx.query(
      `insert into posting (entry_id, posting_key, destination, legal_entity_id, release_no, leg, kind, reverses, origin, content, content_hash,
         state, created_at, updated_at)
       select "entryId", "postingKey", destination, content ->> 'legalEntityId', "releaseNo", leg, kind, reverses, 'correction', content, hash, 'pending', $2, $2
       from jsonb_to_recordset($1::jsonb) as r("entryId" uuid, "postingKey" uuid, destination text, "releaseNo" int, leg text, kind text, reverses uuid,
         content jsonb, hash uuid)`,
      [JSON.stringify(lines.map((line) => ({ ...line, hash: lineHash(line.content) }))), now],
    );
  }

  async everCarried(tx: Tx, postingKeys: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ key: string }>(
      `select document_key as key from document where posting_keys && $1::uuid[] order by document_key`,
      [postingKeys],
    );
    return rows.map(({ key }) => key);
  }

  async planEntries(tx: Tx, destination: string, entryIds: readonly string[]): Promise<void> {
    await tx.query(
      `update target set planning = 'dirty' where destination = $1 and entry_id = any($2::uuid[]) and planning in ('clean', 'waiting')`,
      [destination, [...new Set(entryIds)].sort()],
    );
  }

  async planAll(tx: Tx, destination: string): Promise<void> {
    await tx.query(`update target set planning = 'dirty' where destination = $1 and planning in ('clean', 'waiting')`, [
      destination,
    ]);
  }

  async lockedDestinations(tx: Tx, why?: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ connection: string }>(
      `select connection from connection_state where locked_why is not null and ($1::text[] is null or locked_why = any($1)) order by connection`,
      [why ?? null],
    );
    return rows.map(({ connection }) => connection);
  }

  async derived(tx: Tx, destination: string): Promise<number> {
    const [row] = await tx.query<{ ms: number }>(
      `update connection_state set derived_at = greatest(clock_timestamp(), (select max(derived_at) + interval '1 millisecond' from connection_state))
       where connection = $1 returning (extract(epoch from derived_at) * 1000)::float8 as ms`,
      [destination],
    );
    return row!.ms;
  }
}

const totalsOf = async (tx: Tx, document: BookedRow) => {
  const rows = await tx.query<{ key: string; content: LineContent }>(
    `select posting_key as key, content from posting where posting_key = any($1::uuid[])`,
    [document.lines.map((line) => line.postingKey)],
  );
  return controlTotals(
    rows.map(({ key, content }) => ({ key, hours: content.hours, amount: content.amount, currency: content.currency })),
  );
};
