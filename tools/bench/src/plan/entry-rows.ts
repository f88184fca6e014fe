import { createHash } from 'node:crypto';
import type { Database } from '@tieout/persistence';
import type { Master, Subject } from '../evaluate/time-ingestion.js';

const AT_ONCE = 5_000;

const uuidOf = (text: string): string => {
  const hex = createHash('md5').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const inPages = async <T>(items: readonly T[], put: (page: readonly T[]) => Promise<unknown>): Promise<void> => {
  for (let from = 0; from < items.length; from += AT_ONCE) await put(items.slice(from, from + AT_ONCE));
};

export const putMaster = (database: Database, objects: readonly Master[]): Promise<void> =>
  inPages(objects, (page) =>
    database.query(
      `insert into master_object (kind, id, code, revision, legal_entity_id, body)
       select r->>'kind', (r->>'id')::uuid, r->>'code', 1, r->>'legalEntityId', r from jsonb_array_elements($1::jsonb) as r`,
      [JSON.stringify(page)],
    ),
  );

/** Entries that were read, approved and released some time ago. */
export const putEntries = (database: Database, subjects: readonly Subject[]): Promise<void> => {
  const rows = subjects.map((subject, n) => ({
    entryId: uuidOf(`entry ${n}`),
    sourceId: `T${n}`,
    hash: uuidOf(`hash ${n}`),
    subject,
  }));
  return inPages(rows, (page) =>
    database.query(
      `insert into time_entry (entry_id, connection, source_id, legal_entity_id, version_no, version_hash, content, approval, deleted, worker_code, work_date, hours,
         version_received_at, last_seen_at, verdict, release_no, decision_no, released_version, released_hash, needs_assessment)
       select "entryId", 'psa', "sourceId", 'UNASSIGNED', 1, hash, subject->'content', subject->'approval', false, subject->'content'->>'workerCode',
         (subject->'content'->>'workDate')::date, (subject->'content'->>'hours')::numeric, (subject->>'versionReceivedAt')::timestamptz, now(), 'released', 1, 1, 1, hash, false
       from jsonb_to_recordset($1::jsonb) as r("entryId" uuid, "sourceId" text, hash uuid, subject jsonb)`,
      [JSON.stringify(page)],
    ),
  );
};
