import type { ConnectionId, Instant, MasterKind } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { SourceRecord } from '../../domain/merge-records.js';
import type { HashedRecord, KnownRecord } from '../../domain/snapshot.js';

/** Which source's which kind. */
export interface SourceKind {
  readonly connection: ConnectionId;
  readonly kind: MasterKind;
}

/** Table master_source_record: what each source last said of each object, and since when it says nothing any more. */
export class SourceRecordStore {
  async known(tx: Tx, { connection, kind }: SourceKind): Promise<KnownRecord[]> {
    return tx.query<KnownRecord>(
      `select external_id as "externalId", code, hash, missed, absent_since as "absentSince"
       from master_source_record where connection = $1 and kind = $2`,
      [connection, kind],
    );
  }

  async save(tx: Tx, { connection, kind }: SourceKind, records: readonly HashedRecord[], now: Instant): Promise<void> {
    await tx.query(
      `insert into master_source_record (connection, kind, external_id, code, timeline, hash, received_at)
       select $1, $2, "externalId", code, timeline, hash, $4
       from jsonb_to_recordset($3::jsonb) as r("externalId" text, code text, timeline jsonb, hash uuid)
       on conflict (connection, kind, external_id) do update set code = excluded.code, timeline = excluded.timeline,
         hash = excluded.hash, received_at = excluded.received_at, missed = false, absent_since = null`,
      [connection, kind, JSON.stringify(records), now],
    );
  }

  async setMissed(tx: Tx, { connection, kind }: SourceKind, externalIds: readonly string[], missed: boolean): Promise<void> {
    if (externalIds.length === 0) return;
    await tx.query(
      'update master_source_record set missed = $4 where connection = $1 and kind = $2 and external_id = any($3::text[])',
      [connection, kind, externalIds, missed],
    );
  }

  async setAbsent(tx: Tx, { connection, kind }: SourceKind, externalIds: readonly string[], since: Instant): Promise<void> {
    await tx.query(
      `update master_source_record set missed = true, absent_since = $4
       where connection = $1 and kind = $2 and external_id = any($3::text[]) and absent_since is null`,
      [connection, kind, externalIds, since],
    );
  }

  async codesOf(tx: Tx, { connection, kind }: SourceKind, externalIds: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ code: string }>(
      'select distinct code from master_source_record where connection = $1 and kind = $2 and external_id = any($3::text[])',
      [connection, kind, externalIds],
    );
    return rows.map(({ code }) => code);
  }

  async byCodes(tx: Tx, kind: MasterKind, codes: readonly string[]): Promise<SourceRecord[]> {
    return tx.query<SourceRecord>(
      `select connection, external_id as "externalId", code, timeline, absent_since as "absentSince"
       from master_source_record where kind = $1 and code = any($2::text[]) order by connection, external_id`,
      [kind, codes],
    );
  }

  /** Codes of the objects of which some source says that their attribute has one of these values. Reads all of the kind. */
  async codesReferring(tx: Tx, kind: MasterKind, attribute: string, values: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ code: string }>(
      `select distinct code from master_source_record r where kind = $1 and exists (
         select from jsonb_array_elements(r.timeline) s where s->'attributes'->>$2 = any($3::text[])) order by code`,
      [kind, attribute, values],
    );
    return rows.map(({ code }) => code);
  }

  /** Every code that any source knows or any object has, in order, a page at a time. */
  async codesAfter(tx: Tx, kind: MasterKind, after: string, limit: number): Promise<string[]> {
    const rows = await tx.query<{ code: string }>(
      `select code from (select code from master_source_record where kind = $1 union select code from canonical_object where kind = $1) c
       where code > $2 order by code limit $3`,
      [kind, after, limit],
    );
    return rows.map(({ code }) => code);
  }
}
