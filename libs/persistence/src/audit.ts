import { sha256, withoutPersonal, writtenBody, type AuditEntry, type PersonalValue } from '@tieout/audit';
import type { Instant } from '@tieout/model';
import { currentTraceparent } from '@tieout/telemetry';
import type { Tx } from './database.js';

/** One audit record as its writer says it; personal values in it are put aside when it is stored. */
export type NewAuditRow = AuditEntry;

/**
 * One statement for all rows (and one for the personal values in them, which are rare); call it in the transaction of the change. The
 * table takes no update and no delete. The chainer links what is committed.
 */
export async function appendAudit(tx: Tx, rows: readonly NewAuditRow[], now: Instant): Promise<void> {
  if (rows.length === 0) return;
  const at = new Date(now).toISOString();
  const active = currentTraceparent();
  const records = rows.map((row) => recordOf(row, at, active));
  await tx.query(
    `insert into audit_record (at, actor, action, subject_kind, subject_id, legal_entity_id, before, after, policy_digest, reason,
       traceparent, body_hash)
     select $1, r.actor, r.action, r.subject_kind, r.subject_id, r.legal_entity_id, r.before, r.after, r.policy_digest, r.reason,
       r.traceparent, decode(r.body_hash, 'hex')
     from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[], $9::text[], $10::text[],
       $11::text[], $12::text[])
       as r(actor, action, subject_kind, subject_id, legal_entity_id, before, after, policy_digest, reason, traceparent, body_hash)`,
    [
      at,
      records.map(({ body }) => body.actor),
      records.map(({ body }) => body.action),
      records.map(({ body }) => body.subjectKind),
      records.map(({ body }) => body.subjectId),
      records.map(({ body }) => body.legalEntityId),
      records.map(({ written }) => written.before),
      records.map(({ written }) => written.after),
      records.map(({ body }) => body.policyDigest),
      records.map(({ body }) => body.reason),
      records.map(({ body }) => body.traceparent),
      records.map(({ written }) => sha256(written.text)),
    ],
  );
  await putPersonal(
    tx,
    records.flatMap(({ body, personal }) => personal.map((value) => ({ ...value, about: body }))),
  );
}

const recordOf = (row: NewAuditRow, at: Instant, active: string | undefined) => {
  const { entry, personal } = withoutPersonal(row);
  // Nothing and null are the same column.
  const body = {
    ...entry,
    at,
    before: entry.before ?? undefined,
    after: entry.after ?? undefined,
    traceparent: entry.traceparent ?? active,
  };
  return { body, personal, written: writtenBody(body) };
};

const putPersonal = async (tx: Tx, values: readonly (PersonalValue & { readonly about: AuditEntry })[]): Promise<void> => {
  if (values.length === 0) return;
  await tx.query(
    `insert into audit_personal (commitment, salt, value, subject_kind, subject_id, actor)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])`,
    [
      values.map(({ commitment }) => commitment),
      values.map(({ salt }) => salt),
      values.map(({ value }) => value),
      values.map(({ about }) => about.subjectKind),
      values.map(({ about }) => about.subjectId),
      values.map(({ about }) => about.actor),
    ],
  );
};

/**
 * Erases the personal values in the records about a subject; of a `user`, what he typed as well. The records stay and verify.
 * @returns how many values
 */
export async function erasePersonal(tx: Tx, subject: { readonly kind: string; readonly id: string }): Promise<number> {
  const rows = await tx.query(
    `delete from audit_personal where (subject_kind = $1 and subject_id = $2) or ($1 = 'user' and actor = 'user:' || $2)
     returning commitment`,
    [subject.kind, subject.id],
  );
  return rows.length;
}
