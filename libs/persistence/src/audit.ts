import { sha256, withoutPersonal, writtenBody, type AuditEntry, type PersonalValue } from '@tieout/audit';
import type { Instant } from '@tieout/model';
import { currentTraceparent } from '@tieout/telemetry';
import type { Tx } from './database.js';

/** One audit record as its writer says it; personal values in it are put aside when it is stored. */
export type NewAuditRow = AuditEntry;

/**
 * Columns of a row in one text: one parameter for all rows is taken apart in half the time that twelve arrays take. JSON escapes control
 * characters, and `plain` takes them out of the rest.
 */
const [ROW, FIELD, ABSENT] = ['\u001e', '\u001f', '\u001d'];
const CONTROL = /[\u001d-\u001f]/;

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
     select $1, f[1], f[2], f[3], f[4], f[5], f[6]::json, f[7]::json, f[8], f[9], f[10], decode(f[11], 'hex')
     from (select string_to_array(r, E'\\x1f', E'\\x1d') as f from unnest(string_to_array($2, E'\\x1e')) as r) as v`,
    [at, records.map(({ text }) => text).join(ROW)],
  );
  await putPersonal(
    tx,
    records.flatMap(({ about, personal }) => personal.map((value) => ({ ...value, about }))),
  );
}

const recordOf = (row: NewAuditRow, at: Instant, active: string | undefined) => {
  const { entry, personal } = withoutPersonal(row);
  const body = {
    at,
    actor: plain(entry.actor),
    action: plain(entry.action),
    subjectKind: plain(entry.subjectKind),
    subjectId: plain(entry.subjectId),
    legalEntityId: plain(entry.legalEntityId),
    // Nothing and null are the same column.
    before: entry.before ?? undefined,
    after: entry.after ?? undefined,
    policyDigest: entry.policyDigest,
    reason: entry.reason === undefined ? undefined : plain(entry.reason),
    traceparent: entry.traceparent ?? active,
  };
  const { text, before, after } = writtenBody(body);
  const fields = [body.actor, body.action, body.subjectKind, body.subjectId, body.legalEntityId, before, after];
  const rest = [body.policyDigest, body.reason, body.traceparent, sha256(text)];
  return { about: entry, personal, text: [...fields, ...rest].map((field) => field ?? ABSENT).join(FIELD) };
};

const plain = (text: string): string => (CONTROL.test(text) ? text.replaceAll(/[\u001d-\u001f]/g, ' ') : text);

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
