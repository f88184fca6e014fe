import type { Tx } from '@tieout/persistence';
import type { Target, WantedLine } from '../domain/ledger.js';
import type { NewTarget, SentTarget, Targets } from '../engine/ports.js';
import type { PlanTarget } from '../engine/rows.js';
import { LINE_STATE } from './posting.table.js';

/** Behind everything that comes in the next week. */
const POSTPONED_MS = 7 * 24 * 3_600_000;

interface TargetRow {
  entryId: string;
  destination: string;
  legalEntityId: string;
  releaseNo: number;
  wanted: WantedLine[];
  traceparent: string | null;
}

/** Per entry and destination, the latest word on what shall stand there. */
export class TargetStore implements Targets {
  /**
   * Takes the releases that are newer than what is known; one per entry. @returns the entries that were taken.
   * A destination that the newest release no longer names gets a withdrawn target: nothing of the entry may stand there.
   */
  async take(tx: Tx, releases: readonly NewTarget[], now: string): Promise<ReadonlySet<string>> {
    // Ordered, so that two batches lock common entries in the same order.
    const ordered = [...releases].sort((a, b) => (a.entryId < b.entryId ? -1 : 1));
    const newer = await tx.query<{ entry_id: string; new: boolean }>(
      `insert into entry_release as e (entry_id, release_no)
       select * from unnest($1::uuid[], $2::int[])
       on conflict (entry_id) do update set release_no = excluded.release_no where e.release_no < excluded.release_no
       returning e.entry_id, xmax = 0 as new`,
      [ordered.map((r) => r.entryId), ordered.map((r) => r.releaseNo)],
    );
    const taken = new Set(newer.map((row) => row.entry_id));
    const rows = ordered.filter((release) => taken.has(release.entryId));
    if (rows.length === 0) return taken;
    const json = JSON.stringify(rows);
    const fresh = new Set(newer.filter((row) => row.new).map((row) => row.entry_id));
    const known = rows.filter(({ entryId }) => !fresh.has(entryId));
    if (known.length > 0) await this.#withdrawElsewhere(tx, known, now);
    await tx.query(
      `insert into target (entry_id, destination, legal_entity_id, release_no, wanted, rank, traceparent, planning, updated_at)
       select r."entryId", w.destination, r."legalEntityId", r."releaseNo", w.lines, r.rank, r.traceparent, 'dirty', $2
       from jsonb_to_recordset($1::jsonb) as r("entryId" uuid, "legalEntityId" text, "releaseNo" int, wanted jsonb, rank bigint, traceparent text),
         jsonb_to_recordset(r.wanted) as w(destination text, lines jsonb)
       on conflict (entry_id, destination) do update set legal_entity_id = excluded.legal_entity_id, release_no = excluded.release_no,
         wanted = excluded.wanted, rank = excluded.rank, traceparent = excluded.traceparent, planning = 'dirty', updated_at = excluded.updated_at`,
      [json, now],
    );
    return taken;
  }

  /** Destinations that the release no longer names. */
  async #withdrawElsewhere(tx: Tx, known: readonly NewTarget[], now: string): Promise<void> {
    await tx.query(
      `update target t set release_no = r."releaseNo", wanted = '[]', rank = r.rank, traceparent = r.traceparent, planning = 'dirty', updated_at = $2
       from jsonb_to_recordset($1::jsonb) as r("entryId" uuid, "releaseNo" int, wanted jsonb, rank bigint, traceparent text)
       where t.entry_id = r."entryId" and not jsonb_path_exists(r.wanted, '$[*] ? (@.destination == $d)', jsonb_build_object('d', t.destination))`,
      [JSON.stringify(known), now],
    );
  }

  /** Locks up to `limit` targets that must be planned; another replica's are passed over. */
  async lockDirty(tx: Tx, limit: number, except: readonly string[]): Promise<PlanTarget[]> {
    const rows = await tx.query<TargetRow>(
      `select entry_id as "entryId", destination, legal_entity_id as "legalEntityId", release_no as "releaseNo", wanted, traceparent
       from target where planning = 'dirty' and not destination = any($2::text[]) order by rank, updated_at limit $1 for update skip locked`,
      [limit, except],
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
  async wake(tx: Tx, destination: string, entryIds: readonly string[]): Promise<boolean> {
    if (entryIds.length === 0) return false;
    const woken = await tx.query(
      `update target set planning = 'dirty' where planning = 'waiting' and destination = $1 and entry_id = any($2::uuid[]) returning entry_id`,
      [destination, [...new Set(entryIds)].sort()],
    );
    return woken.length > 0;
  }

  /** To the end of the queue: it could not be planned, and nobody else shall wait for it. */
  async postpone(tx: Tx, target: Target, now: string): Promise<void> {
    await tx.query(
      `update target set updated_at = $3, rank = (extract(epoch from $3::timestamptz) * 1000)::bigint + $4 where entry_id = $1 and destination = $2`,
      [target.entryId, target.destination, now, POSTPONED_MS],
    );
  }

  async sent(tx: Tx, entryIds: readonly string[]): Promise<SentTarget[]> {
    return tx.query<SentTarget>(
      `select t.entry_id as "entryId", t.destination, t.wanted from target t
       where t.entry_id = any($1::uuid[]) and t.wanted <> '[]' and exists (
         select from posting p where p.entry_id = t.entry_id and p.destination = t.destination
           and (${LINE_STATE} in ('sending', 'unknown', 'posted', 'confirmed')
             or exists (select from document d where d.document_key = p.document_key and d.state = 'frozen' and d.exposed)))`,
      [entryIds],
    );
  }

  /** The latest release known of each entry: for those who make releases of their own. */
  async releaseNumbers(tx: Tx, entryIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ id: string; n: number }>(
      `select entry_id as id, release_no as n from entry_release where entry_id = any($1::uuid[])`,
      [entryIds],
    );
    return new Map(rows.map(({ id, n }) => [id, n]));
  }
}
