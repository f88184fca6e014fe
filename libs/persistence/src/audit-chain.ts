import { commitmentsIn, writtenBody, type AuditBody, type ChainedRecord, type Head, type PersonalValue } from '@tieout/audit';
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
     where not exists (select from audit_link l where l.record_id = r.id)`,
  );
  return row!.n;
}

/** Hashes of the bodies of a chain after a record, in order, hex: what another needs to see that a head follows from one he knows. */
export async function auditBodyHashes(db: Tx, chain: string, afterSeq: number, limit: number): Promise<string[]> {
  const rows = await db.query<{ hash: string | null }>(
    `select encode(r.body_hash, 'hex') as hash from audit_head h join audit_link l on l.chain_id = h.chain_id and l.seq > $2
       left join audit_record r on r.id = l.record_id
     where h.chain = $1 order by l.seq limit $3`,
    [chain, afterSeq, limit],
  );
  // A record that is gone ends the list: whoever asks sees that it is too short.
  const gone = rows.findIndex(({ hash }) => hash === null);
  return rows.slice(0, gone === -1 ? undefined : gone).map(({ hash }) => hash!);
}

export interface AuditPage {
  readonly records: readonly ChainedRecord[];
  /** The personal values in them that were not erased. */
  readonly personal: readonly PersonalValue[];
}

interface RecordRow {
  readonly seq: number;
  readonly hash: string;
  readonly at: Instant;
  readonly actor: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly legalEntityId: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly policyDigest: string | null;
  readonly reason: string | null;
  readonly traceparent: string | null;
}

/** A page of a chain: at most `limit` records and about `bytes` of text, but at least one record if there is one. */
export async function auditPage(
  db: Tx,
  question: { readonly chain: string; readonly afterSeq: number; readonly limit: number; readonly bytes: number },
): Promise<AuditPage> {
  const rows = await db.query<RecordRow>(
    `select l.seq, encode(l.hash, 'hex') as hash, r.at, r.actor, r.action, r.subject_kind as "subjectKind",
       r.subject_id as "subjectId", r.legal_entity_id as "legalEntityId", r.before, r.after, r.policy_digest as "policyDigest",
       r.reason, r.traceparent
     from audit_head h join audit_link l on l.chain_id = h.chain_id and l.seq > $2 join audit_record r on r.id = l.record_id
     where h.chain = $1 order by l.seq limit $3`,
    [question.chain, question.afterSeq, question.limit],
  );
  const records: ChainedRecord[] = [];
  const commitments: string[] = [];
  let bytes = 0;
  for (const { seq, hash, ...row } of rows) {
    const body = bodyOf(row);
    const { text } = writtenBody(body);
    bytes += Buffer.byteLength(text);
    if (records.length > 0 && bytes > question.bytes) break;
    records.push({ chain: question.chain, seq, hash, body });
    commitments.push(...commitmentsIn(text));
  }
  return { records, personal: await kept(db, commitments) };
}

const bodyOf = (row: Omit<RecordRow, 'seq' | 'hash'>): AuditBody =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as AuditBody;

const kept = async (db: Tx, commitments: readonly string[]): Promise<PersonalValue[]> =>
  commitments.length === 0
    ? []
    : db.query<PersonalValue>('select commitment, salt, value from audit_personal where commitment = any($1::text[])', [
        commitments,
      ]);
