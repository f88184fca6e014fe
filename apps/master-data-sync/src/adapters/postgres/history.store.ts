import { canonicalJson, type Instant, type MasterKind } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

/** One thing that happened to an object, as the audit has it; values of persons stand apart there, so none are in here. */
export interface Revision {
  readonly at: Instant;
  readonly actor: string;
  readonly action: string;
  readonly revision: number | null;
  /** What of it changed: names of attributes, and "code", "timeline", "mergedInto" and the like. */
  readonly changed: readonly string[];
  readonly reason: string | null;
  readonly policyDigest: string | null;
}

interface AuditedRow {
  readonly at: Instant;
  readonly actor: string;
  readonly action: string;
  readonly before: Audited | null;
  readonly after: Audited | null;
  readonly reason: string | null;
  readonly policyDigest: string | null;
}
interface Audited {
  readonly revision?: number;
  readonly timeline?: readonly { readonly validFrom: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly [field: string]: unknown;
}

/** Table audit_record, read for one object. */
export class HistoryStore {
  async revisions(tx: Tx, kind: MasterKind, id: string): Promise<Revision[]> {
    const rows = await tx.query<AuditedRow>(
      `select at, actor, action, before, after, reason, policy_digest as "policyDigest" from audit_record
       where subject_kind = $1 and subject_id = $2 order by at desc, id desc limit 200`,
      [kind, id],
    );
    return rows.map(({ before, after, ...row }) => ({
      ...row,
      revision: after?.revision ?? null,
      changed: changesBetween(before ?? {}, after ?? {}),
    }));
  }
}

/** The order of keys says nothing. */
const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : canonicalJson(value));
const IGNORED: ReadonlySet<string> = new Set(['revision', 'timeline', 'ignoredDrift']);

const changesBetween = (before: Audited, after: Audited): string[] => {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => !IGNORED.has(field) && textOf(before[field]) !== textOf(after[field]),
  );
  const [was, is] = [valuesOf(before), valuesOf(after)];
  const attributes = [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name));
  return [...attributes, ...fields.filter((field) => !attributes.includes(field))].sort();
};

/** Per attribute, everything that it ever is. */
const valuesOf = ({ timeline = [] }: Audited): Map<string, string> => {
  const values = new Map<string, string>();
  for (const { validFrom, attributes } of timeline)
    for (const [name, value] of Object.entries(attributes))
      values.set(name, `${values.get(name) ?? ''}${validFrom}=${JSON.stringify(value)};`);
  return values;
};
