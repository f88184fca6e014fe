import type { Tx } from '@tieout/persistence';
import type { LineContent, Target } from '../../domain/ledger.js';

export interface NewTarget {
  readonly entryId: string;
  readonly releaseNo: number;
  readonly legalEntityId: string;
  /** Destinations where the content shall stand. Everywhere else nothing of the entry may. */
  readonly routes: readonly string[];
  readonly content: LineContent | null;
  readonly traceparent?: string | undefined;
}

export interface PlanTarget extends Target {
  readonly legalEntityId: string;
  readonly traceparent: string | undefined;
}

interface TargetRow {
  entryId: string;
  destination: string;
  legalEntityId: string;
  releaseNo: number;
  content: LineContent | null;
  traceparent: string | null;
}

/** Per entry and destination, the latest word on what shall stand there. */
export class TargetStore {
  /**
   * Takes the releases that are newer than what is known; one per entry. @returns the entries that were taken.
   * A destination that the newest release no longer names gets a withdrawn target: nothing of the entry may stand there.
   */
  async take(tx: Tx, releases: readonly NewTarget[], now: string): Promise<ReadonlySet<string>> {
    // Ordered, so that two batches lock common entries in the same order.
    const ordered = [...releases].sort((a, b) => (a.entryId < b.entryId ? -1 : 1));
    const newer = await tx.query<{ entry_id: string }>(
      `insert into entry_release as e (entry_id, release_no)
       select * from unnest($1::uuid[], $2::int[])
       on conflict (entry_id) do update set release_no = excluded.release_no where e.release_no < excluded.release_no
       returning e.entry_id`,
      [ordered.map((r) => r.entryId), ordered.map((r) => r.releaseNo)],
    );
    const taken = new Set(newer.map((row) => row.entry_id));
    const rows = ordered
      .filter((release) => taken.has(release.entryId))
      .map((release) => ({ ...release, routes: release.content === null ? [] : [...new Set(release.routes)].sort() }));
    if (rows.length === 0) return taken;
    const json = JSON.stringify(rows);
    await tx.query(
      `update target t set release_no = r."releaseNo", content = null, traceparent = r.traceparent, planning = 'dirty', updated_at = $2
       from jsonb_to_recordset($1::jsonb) as r("entryId" uuid, "releaseNo" int, routes jsonb, traceparent text)
       where t.entry_id = r."entryId" and not r.routes ? t.destination`,
      [json, now],
    );
    await tx.query(
      `insert into target (entry_id, destination, legal_entity_id, release_no, content, traceparent, planning, updated_at)
       select r."entryId", d.destination, r."legalEntityId", r."releaseNo", r.content, r.traceparent, 'dirty', $2
       from jsonb_to_recordset($1::jsonb) as r("entryId" uuid, "legalEntityId" text, "releaseNo" int, routes jsonb, content jsonb, traceparent text),
         jsonb_array_elements_text(r.routes) as d(destination)
       on conflict (entry_id, destination) do update set legal_entity_id = excluded.legal_entity_id, release_no = excluded.release_no,
         content = excluded.content, traceparent = excluded.traceparent, planning = 'dirty', updated_at = excluded.updated_at`,
      [json, now],
    );
    return taken;
  }

  /** Locks up to `limit` targets that must be planned; another replica's are passed over. */
  async lockDirty(tx: Tx, limit: number): Promise<PlanTarget[]> {
    const rows = await tx.query<TargetRow>(
      `select entry_id as "entryId", destination, legal_entity_id as "legalEntityId", release_no as "releaseNo", content, traceparent
       from target where planning = 'dirty' order by updated_at limit $1 for update skip locked`,
      [limit],
    );
    return rows.map((row) => ({ ...row, traceparent: row.traceparent ?? undefined }));
  }

  async planned(tx: Tx, targets: readonly Target[], planning: 'clean' | 'waiting'): Promise<void> {
    if (targets.length === 0) return;
    await tx.query(
      `update target t set planning = $3 from unnest($1::uuid[], $2::text[]) as u(entry_id, destination)
       where t.entry_id = u.entry_id and t.destination = u.destination`,
      [targets.map((t) => t.entryId), targets.map((t) => t.destination), planning],
    );
  }

  /** The lines of these entries may have come to rest: whoever waited for that is planned again. Call it after the lines' update. */
  async wake(tx: Tx, destination: string, entryIds: readonly string[]): Promise<void> {
    if (entryIds.length === 0) return;
    await tx.query(
      `update target set planning = 'dirty' where planning = 'waiting' and destination = $1 and entry_id = any($2::uuid[])`,
      [destination, [...new Set(entryIds)].sort()],
    );
  }

  /** To the end of the queue: it could not be planned, and nobody else shall wait for it. */
  async postpone(tx: Tx, target: Target, now: string): Promise<void> {
    await tx.query(`update target set updated_at = $3 where entry_id = $1 and destination = $2`, [
      target.entryId,
      target.destination,
      now,
    ]);
  }

  async countUnplanned(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ n: number }>(`select count(*) as n from target where planning = 'dirty'`);
    return row?.n ?? 0;
  }
}
