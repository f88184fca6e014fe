import type { Tx } from '@tieout/persistence';
import { documentMove } from '../domain/document-states.js';
import type { ReplaySelection, ReplayStore as ReplayPort } from '../engine/replay.js';
import type { PlanTarget, PostingRow } from '../engine/rows.js';
import type { WantedLine } from '../domain/ledger.js';
import { POSTING_COLUMNS } from './posting.table.js';

interface Condition {
  readonly sql: string;
  readonly params: readonly unknown[];
}

const NONE: readonly string[] = [];
/** $1 to $5 of every query here. */
const paramsOf = (selection: ReplaySelection): readonly unknown[] => [
  selection.by === 'time' ? selection.from : null,
  selection.by === 'time' ? selection.to : null,
  selection.by === 'entries' ? selection.entryIds : NONE,
  selection.by === 'documents' ? selection.documentKeys : NONE,
  selection.destination ?? null,
];

const WHERE: Readonly<Record<ReplaySelection['by'], (t: 'd' | 'p' | 't') => string>> = {
  time: (t) => ({ d: 'd.frozen_at', p: 'p.created_at', t: 't.updated_at' })[t] + ' between $1::timestamptz and $2::timestamptz',
  entries: (t) =>
    t === 'd'
      ? 'd.document_key in (select document_key from posting where entry_id = any($3::uuid[]))'
      : `${t}.entry_id = any($3::uuid[])`,
  documents: (t) =>
    t === 't'
      ? 't.entry_id in (select entry_id from posting where document_key = any($4::uuid[]))'
      : `${t}.document_key = any($4::uuid[])`,
  destination: () => 'true',
};

const condition = (selection: ReplaySelection, t: 'd' | 'p' | 't'): Condition => ({
  // All five are named in every query, so that PostgreSQL knows their types whatever the selection is.
  sql: `${WHERE[selection.by](t)} and ($5::text is null or ${t}.destination = $5)
    and ($1::timestamptz is null or true) and ($2::timestamptz is null or true) and ($3::uuid[] is not null) and ($4::uuid[] is not null)`,
  params: paramsOf(selection),
});

export class ReplayStore implements ReplayPort {
  async targets(tx: Tx, selection: ReplaySelection, after: string | undefined, limit: number) {
    const { sql, params } = condition(selection, 't');
    const rows = await tx.query<Omit<PlanTarget, 'traceparent'> & { wanted: WantedLine[]; traceparent: string | null }>(
      `select entry_id as "entryId", destination, legal_entity_id as "legalEntityId", release_no as "releaseNo", wanted, traceparent
       from target t where ${sql} and (t.entry_id::text || ' ' || t.destination) > $6 order by t.entry_id::text || ' ' || t.destination limit $7`,
      [...params, after ?? '', limit],
    );
    const last = rows.at(-1);
    return {
      targets: rows.map((row) => ({ ...row, traceparent: row.traceparent ?? undefined })),
      next: rows.length < limit || last === undefined ? undefined : `${last.entryId} ${last.destination}`,
    };
  }

  async confirmed(tx: Tx, selection: ReplaySelection, after: string | undefined, limit: number): Promise<string[]> {
    const { sql, params } = condition(selection, 'd');
    const rows = await tx.query<{ key: string }>(
      `select d.document_key as key from document d where ${sql} and d.state = 'confirmed' and d.document_key > $6::uuid
         and not exists (select from adopted_line a where a.destination = d.destination and a.external_id = d.external_id) order by d.document_key limit $7`,
      [...params, after ?? '00000000-0000-0000-0000-000000000000', limit],
    );
    return rows.map(({ key }) => key);
  }

  async rejected(tx: Tx, selection: ReplaySelection): Promise<PostingRow[]> {
    const { sql, params } = condition(selection, 'p');
    return tx.query<PostingRow>(
      `select ${POSTING_COLUMNS} from posting p where ${sql} and p.state = 'rejected' order by p.entry_id, p.seq for update`,
      params,
    );
  }

  async recheck(tx: Tx, documentKeys: readonly string[]): Promise<void> {
    const { from, to } = documentMove('recheck');
    await tx.query(
      `update document set state = $2, next_attempt_at = clock_timestamp() where document_key = any($1::uuid[]) and state = any($3::text[])`,
      [documentKeys, to, from],
    );
  }

  async planAgain(tx: Tx, targets: readonly PlanTarget[]): Promise<void> {
    await tx.query(
      `update target t set planning = 'dirty' from unnest($1::uuid[], $2::text[]) as u(entry_id, destination)
       where t.entry_id = u.entry_id and t.destination = u.destination and t.planning = 'clean'`,
      [targets.map((t) => t.entryId), targets.map((t) => t.destination)],
    );
  }
}
