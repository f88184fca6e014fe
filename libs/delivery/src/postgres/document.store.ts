import type { Tx } from '@tieout/persistence';
import { documentMove } from '../domain/document-states.js';
import type { MemberLine, NewDocument } from '../domain/freeze.js';
import type { Attempt, Claim, DocumentContent, Documents } from '../engine/ports.js';
import type { DocumentRow, UnknownWhy } from '../engine/rows.js';
import { DOCUMENT_COLUMNS } from './document.table.js';

/** In the order of the lines as sent. */
const tracesOf = (members: readonly MemberLine[]): (string | null)[] =>
  [...members].sort((a, b) => (a.postingKey < b.postingKey ? -1 : 1)).map(({ traceparent }) => traceparent ?? null);

/** Documents and their attempts. Leases and fences run on the database's clock: replicas need not agree on the time. */
export class DocumentStore implements Documents {
  async insert(tx: Tx, documents: readonly NewDocument[], now: string, splitFrom?: string): Promise<void> {
    if (documents.length === 0) return;
    await tx.query(
      `insert into document (document_key, destination, legal_entity_id, currency, posting_period, posting_date, content_hash, posting_keys, totals,
         run_group, summary, lane, rank, held, split_from, state, frozen_at, content, traceparents)
       select "documentKey", destination, "legalEntityId", currency, "postingPeriod", "postingDate", "contentHash",
         array(select jsonb_array_elements_text("postingKeys"))::uuid[], totals, "group", summary, lane, rank, held, $3, 'frozen', $2, content, traceparents
       from jsonb_to_recordset($1::jsonb) as r("documentKey" uuid, destination text, "legalEntityId" text, currency text, "postingPeriod" text,
         "postingDate" date, "contentHash" uuid, "postingKeys" jsonb, totals jsonb, "group" text, summary jsonb, lane text, rank bigint, held boolean, content text,
         traceparents jsonb)`,
      [
        JSON.stringify(
          documents.map(({ lines: _, members, ...rest }) => ({
            ...rest,
            postingKeys: members.map((member) => member.postingKey),
            traceparents: rest.summary === undefined ? tracesOf(members) : [],
          })),
        ),
        now,
        splitFrom ?? null,
      ],
    );
  }

  async lock(tx: Tx, documentKeys: readonly string[]): Promise<DocumentRow[]> {
    if (documentKeys.length === 0) return [];
    return tx.query<DocumentRow>(
      `select ${DOCUMENT_COLUMNS} from document d where d.document_key = any($1::uuid[]) order by d.document_key for update`,
      [documentKeys],
    );
  }

  async contents(tx: Tx, documentKeys: readonly string[]): Promise<Map<string, DocumentContent>> {
    const rows = await tx.query<DocumentContent & { key: string }>(
      `select document_key as key, content, traceparents from document where document_key = any($1::uuid[]) and content is not null`,
      [documentKeys],
    );
    return new Map(rows.map(({ key, ...kept }) => [key, kept]));
  }

  async forgetContents(tx: Tx, documentKeys: readonly string[]): Promise<void> {
    if (documentKeys.length === 0) return;
    await tx.query(`update document set content = null, traceparents = null where document_key = any($1::uuid[])`, [
      documentKeys,
    ]);
  }

  /** Locks what was never sent of these periods: their state changed, so the documents freeze anew. */
  async lockUnsent(tx: Tx, periods: readonly { legalEntityId: string; code: string }[]): Promise<DocumentRow[]> {
    return tx.query<DocumentRow>(
      `select ${DOCUMENT_COLUMNS} from document d
       where d.state = 'frozen' and not d.exposed and (d.legal_entity_id, d.posting_period) in (select * from unnest($1::text[], $2::text[]))
       order by d.document_key for update`,
      [periods.map((p) => p.legalEntityId), periods.map((p) => p.code)],
    );
  }

  async countFrozen(tx: Tx, destination: string, most: number): Promise<Record<string, number>> {
    const rows = await tx.query<{ lane: string; n: number }>(
      `select lane, count(*) as n from (select lane from document where destination = $1 and state = 'frozen' and not held limit $2) as waiting group by lane`,
      [destination, most],
    );
    return Object.fromEntries(rows.map(({ lane, n }) => [lane, n]));
  }

  async claim(
    tx: Tx,
    destination: string,
    o: { limit: number; leaseMs: number; instance: string; except: readonly string[] },
  ): Promise<Claim[]> {
    const rows = await tx.query<DocumentRow & { wasExposed: boolean }>(
      `with picked as (
         select document_key, exposed from document
         where destination = $1 and state = 'frozen' and not held and (next_attempt_at is null or next_attempt_at <= clock_timestamp())
           and not legal_entity_id = any($5::text[])
         order by rank, document_key limit $2 for update skip locked
       )
       update document d set state = 'sending', exposed = true, fence = d.fence + 1, attempts = d.attempts + 1, instance = $4,
         lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       from picked where d.document_key = picked.document_key returning ${DOCUMENT_COLUMNS}, picked.exposed as "wasExposed"`,
      [destination, o.limit, o.leaseMs, o.instance, o.except],
    );
    return rows.map(({ wasExposed, ...row }) => ({ row, wasExposed }));
  }

  /** Stores the draft before it is posted, and begins the lease anew for the second request. @returns false when the fence is lost. */
  async storeDraft(tx: Tx, row: DocumentRow, draftId: string, leaseMs: number): Promise<boolean> {
    const rows = await tx.query(
      `update document set draft_id = $3, lease_until = clock_timestamp() + $4 * interval '1 millisecond'
       where document_key = $1 and fence = $2 and state = 'sending' returning document_key`,
      [row.documentKey, row.fence, draftId, leaseMs],
    );
    return rows.length === 1;
  }

  async lockFenced(tx: Tx, rows: readonly DocumentRow[]): Promise<DocumentRow[]> {
    return tx.query<DocumentRow>(
      `select ${DOCUMENT_COLUMNS} from document d join unnest($1::uuid[], $2::int[], $3::text[]) as u(document_key, fence, state)
         on d.document_key = u.document_key and d.fence = u.fence and d.state = u.state
       order by d.document_key for update of d`,
      [rows.map((row) => row.documentKey), rows.map((row) => row.fence), rows.map((row) => row.state)],
    );
  }

  async accept(
    tx: Tx,
    documents: readonly { documentKey: string; externalId: string; traceparent: string | undefined }[],
    o: { postedAt: string; confirmAfterMs: number },
  ): Promise<void> {
    await tx.query(
      `update document d set state = $4, external_id = u.external_id, posted_at = coalesce(d.posted_at, $5),
         next_attempt_at = clock_timestamp() + $6 * interval '1 millisecond', traceparent = coalesce(u.traceparent, d.traceparent), lease_until = null,
         unknown_why = null, unknown_since = null, absence_counts_at = null, look_ups = 0, ticket = null, message = null
       from unnest($1::uuid[], $2::text[], $3::text[]) as u(document_key, external_id, traceparent) where d.document_key = u.document_key`,
      [
        documents.map((document) => document.documentKey),
        documents.map((document) => document.externalId),
        documents.map((document) => document.traceparent ?? null),
        documentMove('accept').to,
        o.postedAt,
        o.confirmAfterMs,
      ],
    );
  }

  async queue(tx: Tx, documentKey: string, o: { ticket: string; since: string; askAfterMs: number }): Promise<void> {
    await tx.query(
      `update document set state = $2, ticket = $3, unknown_since = $4, unknown_why = null, lease_until = null, look_ups = 0,
         next_attempt_at = clock_timestamp() + $5 * interval '1 millisecond' where document_key = $1`,
      [documentKey, documentMove('queue').to, o.ticket, o.since, o.askAfterMs],
    );
  }

  async refuse(tx: Tx, documentKey: string, message: string): Promise<void> {
    await tx.query(
      `update document set state = $2, message = $3, lease_until = null, next_attempt_at = null, ticket = null, discard_draft = draft_id is not null,
         content = null, traceparents = null where document_key = $1`,
      [documentKey, documentMove('refuse').to, message],
    );
  }

  /** Back to be sent again as it is, at the end of the queue: one that never gets through keeps nobody waiting. `draftId` null: no draft stands. */
  async giveBack(tx: Tx, documentKey: string, o: { exposed: boolean; draftId: string | null; message: string }): Promise<void> {
    await tx.query(
      `update document set state = $2, exposed = $3, draft_id = $4, message = $5, lease_until = null, next_attempt_at = clock_timestamp(), unknown_why = null,
         unknown_since = null, absence_counts_at = null, external_id = null, posted_at = null, ticket = null, look_ups = 0,
         rank = greatest(rank, (extract(epoch from clock_timestamp()) * 1000)::bigint)
       where document_key = $1`,
      [documentKey, documentMove('return').to, o.exposed, o.draftId, o.message],
    );
  }

  /** `settleMs`: how long from now until absence counts. A first look-up follows at once: presence counts at any time. */
  async lose(tx: Tx, documentKey: string, o: Parameters<Documents['lose']>[2]): Promise<void> {
    await tx.query(
      `update document set state = $2, fence = fence + 1, unknown_why = $3, message = $4, unknown_since = $5, ticket = null, lease_until = null, look_ups = 0,
         absence_counts_at = (case when $8 then greatest(lease_until, clock_timestamp()) else clock_timestamp() end) + $6 * interval '1 millisecond',
         next_attempt_at = clock_timestamp() + $7 * interval '1 millisecond'
       where document_key = $1`,
      [documentKey, documentMove(o.event).to, o.why, o.message, o.since, o.settleMs, o.lookAfterMs, o.fromLease ?? false],
    );
  }

  async nameWhy(tx: Tx, documentKey: string, why: UnknownWhy, message: string): Promise<void> {
    await tx.query(`update document set unknown_why = $2, message = $3 where document_key = $1`, [documentKey, why, message]);
  }

  /** Looks again later, but no later than when absence begins to count. */
  async lookAgain(tx: Tx, documentKey: string, delayMs: number): Promise<void> {
    await tx.query(
      `update document set look_ups = look_ups + 1, next_attempt_at = case when absence_counts_at > clock_timestamp()
         then least(absence_counts_at, clock_timestamp() + $2 * interval '1 millisecond') else clock_timestamp() + $2 * interval '1 millisecond' end
       where document_key = $1`,
      [documentKey, delayMs],
    );
  }

  /** Documents whose sender vanished: the lease outlived the request, so nothing of it is in flight any more. */
  async lockExpired(tx: Tx, destination: string, limit: number): Promise<DocumentRow[]> {
    return tx.query<DocumentRow>(
      `select ${DOCUMENT_COLUMNS} from document d where d.destination = $1 and d.state = 'sending' and d.lease_until < clock_timestamp()
       order by d.document_key limit $2 for update skip locked`,
      [destination, limit],
    );
  }

  async lockClaimedBy(tx: Tx, destination: string, instance: string): Promise<DocumentRow[]> {
    return tx.query<DocumentRow>(
      `select ${DOCUMENT_COLUMNS} from document d where d.destination = $1 and d.state = 'sending' and d.instance = $2 order by d.document_key for update`,
      [destination, instance],
    );
  }

  async takeDue(
    tx: Tx,
    destination: string,
    o: { states: readonly DocumentRow['state'][]; limit: number; holdMs: number },
  ): Promise<DocumentRow[]> {
    return tx.query<DocumentRow>(
      `with picked as (
         select document_key from document where destination = $1 and state = any($2::text[]) and next_attempt_at <= clock_timestamp()
         order by next_attempt_at limit $3 for update skip locked
       )
       update document d set fence = d.fence + 1, next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond'
       from picked where d.document_key = picked.document_key returning ${DOCUMENT_COLUMNS}`,
      [destination, o.states, o.limit, o.holdMs],
    );
  }

  async confirm(tx: Tx, documentKeys: readonly string[], now: string): Promise<void> {
    await tx.query(
      `update document set state = $2, confirmed_at = $3, next_attempt_at = null, content = null, traceparents = null where document_key = any($1::uuid[])`,
      [documentKeys, documentMove('confirm').to, now],
    );
  }

  async dissolve(tx: Tx, documentKeys: readonly string[]): Promise<void> {
    await tx.query(`update document set state = $2, content = null, traceparents = null where document_key = any($1::uuid[])`, [
      documentKeys,
      documentMove('dissolve').to,
    ]);
  }

  async draftsToDiscard(tx: Tx, destination: string, limit: number): Promise<{ documentKey: string; draftId: string }[]> {
    return tx.query(
      `select document_key as "documentKey", draft_id as "draftId" from document where destination = $1 and discard_draft limit $2`,
      [destination, limit],
    );
  }

  async draftDiscarded(tx: Tx, documentKey: string): Promise<void> {
    await tx.query(`update document set discard_draft = false where document_key = $1`, [documentKey]);
  }

  async sign(tx: Tx, documentKeys: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ key: string }>(
      `update document set held = false, exposed = true where document_key = any($1::uuid[]) and state = 'frozen' and held returning document_key as key`,
      [documentKeys],
    );
    return rows.map(({ key }) => key);
  }

  async lastAttempt(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ n: number }>(`select coalesce(max(id), 0) as n from attempt`);
    return row?.n ?? 0;
  }

  async find(tx: Tx, documentKey: string): Promise<DocumentRow | undefined> {
    const [row] = await tx.query<DocumentRow>(`select ${DOCUMENT_COLUMNS} from document d where d.document_key = $1`, [
      documentKey,
    ]);
    return row;
  }

  async byKeys(tx: Tx, documentKeys: readonly string[]): Promise<DocumentRow[]> {
    return tx.query<DocumentRow>(`select ${DOCUMENT_COLUMNS} from document d where d.document_key = any($1::uuid[])`, [
      documentKeys,
    ]);
  }

  async attempts(tx: Tx, documentKey: string): Promise<Record<string, unknown>[]> {
    return tx.query(`select fence, step, outcome, detail, at from attempt where document_key = $1 order by id`, [documentKey]);
  }

  /** Append-only: what was tried and what came of it, also when nobody may act on it any more. */
  async appendAttempts(tx: Tx, attempts: readonly Attempt[], instance: string, now: string): Promise<void> {
    if (attempts.length === 0) return;
    await tx.query(
      `insert into attempt (document_key, fence, step, outcome, detail, instance, at)
       select "documentKey", fence, step, outcome, detail, $2, $3
       from jsonb_to_recordset($1::jsonb) as r("documentKey" uuid, fence int, step text, outcome text, detail text)`,
      [JSON.stringify(attempts), instance, now],
    );
  }
}
