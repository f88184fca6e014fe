import type { Instant } from '@tieout/model';
import type { Tx } from './database.js';

export interface NewAuditRow {
  /** "user:<subject>" or "service:<name>". */
  readonly actor: string;
  /** "entry.released" */
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly legalEntityId: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly policyDigest?: string | undefined;
  readonly reason?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** One statement for all rows; call it in the transaction of the change. The table takes no update and no delete. */
export async function appendAudit(tx: Tx, rows: readonly NewAuditRow[], now: Instant): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into audit_record (at, actor, action, subject_kind, subject_id, legal_entity_id, before, after, policy_digest, reason, traceparent)
     select $2, actor, action, "subjectKind", "subjectId", "legalEntityId", before, after, "policyDigest", reason, traceparent
     from jsonb_to_recordset($1::jsonb) as r(actor text, action text, "subjectKind" text, "subjectId" text, "legalEntityId" text,
       before jsonb, after jsonb, "policyDigest" text, reason text, traceparent text)`,
    [JSON.stringify(rows), now],
  );
}
