import { bodyText, commitmentsIn, headAfter, type ChainedRecord, type Head, type PersonalValue } from '@tieout/audit';
import type { Instant } from '@tieout/model';
import type { Tx } from './database.js';

export interface LinkedBatch {
  readonly linked: number;
  /** When the oldest of them was written; null: none was. */
  readonly oldest: Instant | null;
  /** There are more: call again at once. */
  readonly more: boolean;
}

/**
 * Links committed records that are not in a chain yet, oldest first. Several callers take turns: whoever comes while another links gets
 * nothing. See the migration `audit-chain` for why none is ever skipped.
 * @param service first part of the chains' names: "erp-posting"
 */
export async function linkWaiting(db: Tx, service: string, limit: number): Promise<LinkedBatch> {
  const [batch] = await db.query<LinkedBatch>('select linked, oldest, more from audit_link_waiting($1, $2)', [service, limit]);
  return batch!;
}

/** Where the chains stand. */
export const auditHeads = (db: Tx, chain?: string): Promise<Head[]> =>
  db.query<Head>(
    `select chain, seq, encode(hash, 'hex') as hash from audit_head where $1::text is null or chain = $1 order by chain`,
    [chain ?? null],
  );

/** Committed records that no chain has yet. */
export async function auditWaiting(db: Tx): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from audit_chainer c join audit_record r
       on r.xid >= pg_snapshot_xmin(c.done) and not pg_visible_in_snapshot(r.xid, c.done) and r.body_hash is not null
     where r.id > c.from_id and not (c.target is not null and pg_visible_in_snapshot(r.xid, c.target) and r.id <= c.after_id)`,
  );
  return row!.n;
}

/** Records of a chain after a number, in order. */
const MEMBERS = `audit_head h join audit_link l on l.chain_id = h.chain_id and l.last_seq > $2 and l.first_seq <= $2 + $3
  cross join lateral unnest(l.record_ids) with ordinality as m(id, n) left join audit_record r on r.id = m.id
  where h.chain = $1 and l.first_seq + m.n - 1 > $2 order by l.last_seq, m.n limit $3`;

/** Hashes of the bodies of a chain after a record, in order, hex: what another needs to see that a head follows from one he knows. */
export async function auditBodyHashes(db: Tx, chain: string, afterSeq: number, limit: number): Promise<string[]> {
  const rows = await db.query<{ hash: string | null }>(`select encode(r.body_hash, 'hex') as hash from ${MEMBERS}`, [
    chain,
    afterSeq,
    limit,
  ]);
  // A record that is gone ends the list: whoever asks sees that it is too short.
  const gone = rows.findIndex(({ hash }) => hash === null);
  return rows.slice(0, gone === -1 ? undefined : gone).map(({ hash }) => hash!);
}

/** Where a chain stood after a record: its hash follows from the batch that holds it. */
async function headAt(db: Tx, chain: string, seq: number): Promise<Head> {
  const [row] = await db.query<{ first: number; previous: string; hashes: string[] }>(
    `select l.first_seq as first, encode(l.previous, 'hex') as previous,
       array(select encode(r.body_hash, 'hex') from unnest(l.record_ids) with ordinality as m(id, n) join audit_record r on r.id = m.id
         where l.first_seq + m.n - 1 <= $2 order by m.n) as hashes
     from audit_head h join audit_link l on l.chain_id = h.chain_id and l.last_seq > $2
     where h.chain = $1 order by l.last_seq limit 1`,
    [chain, seq],
  );
  return row === undefined
    ? { chain, seq, hash: '' }
    : row.hashes.reduce<Head>(headAfter, { chain, seq: row.first - 1, hash: row.previous });
}

export interface AuditPage {
  readonly records: readonly ChainedRecord[];
  /** The personal values in them that were not erased. */
  readonly personal: readonly PersonalValue[];
}

interface RecordRow {
  readonly seq: number;
  /** Hash before it, of the first record of a batch. */
  readonly previous: string | null;
  readonly bodyHash: string;
  readonly at: Instant;
  readonly actor: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly legalEntityId: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly policyDigest: string | null;
  readonly reason: string | null;
  readonly traceparent: string | null;
}

/** A page of a chain: at most `limit` records and about `bytes` of text, but at least one record if there is one. */
export async function auditPage(
  db: Tx,
  question: { readonly chain: string; readonly afterSeq: number; readonly limit: number; readonly bytes: number },
): Promise<AuditPage> {
  const { chain, afterSeq, limit } = question;
  const rows = await db.query<RecordRow>(
    `select l.first_seq + m.n - 1 as seq, case when m.n = 1 then encode(l.previous, 'hex') end as previous,
       encode(r.body_hash, 'hex') as "bodyHash", r.at, r.actor, r.action, r.subject_kind as "subjectKind", r.subject_id as "subjectId",
       r.legal_entity_id as "legalEntityId", r.before::text, r.after::text, r.policy_digest as "policyDigest", r.reason, r.traceparent
     from ${MEMBERS}`,
    [chain, afterSeq, limit],
  );
  if (rows.length === 0) return { records: [], personal: [] };
  let head = await headAt(db, chain, afterSeq);
  const records: ChainedRecord[] = [];
  const commitments: string[] = [];
  let bytes = 0;
  // A record that is gone is left out: whoever verifies misses its number.
  for (const row of rows.filter(({ bodyHash }) => bodyHash !== null)) {
    const text = textOf(row);
    bytes += Buffer.byteLength(text);
    if (records.length > 0 && bytes > question.bytes) break;
    head = headAfter({ chain, seq: row.seq - 1, hash: row.previous ?? head.hash }, row.bodyHash);
    records.push({ ...head, text });
    commitments.push(...commitmentsIn(text));
  }
  return { records, personal: await kept(db, commitments) };
}

const textOf = ({ before, after, policyDigest, reason, traceparent, ...row }: RecordRow): string =>
  bodyText({
    ...row,
    before: before ?? undefined,
    after: after ?? undefined,
    policyDigest: policyDigest ?? undefined,
    reason: reason ?? undefined,
    traceparent: traceparent ?? undefined,
  });

const kept = async (db: Tx, commitments: readonly string[]): Promise<PersonalValue[]> =>
  commitments.length === 0
    ? []
    : db.query<PersonalValue>('select commitment, salt, value from audit_personal where commitment = any($1::text[])', [
        commitments,
      ]);
