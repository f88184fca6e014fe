import type { Instant, MasterKind, MergedInto, WorkDate } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { StandingMerge } from '../../domain/merge-decisions.js';

export interface MergeDecision {
  readonly id: string;
  readonly kind: MasterKind;
  readonly fromId: string;
  readonly fromCode: string;
  readonly intoId: string;
  readonly intoCode: string;
  readonly validFrom: WorkDate;
  readonly why: string;
  readonly decidedBy: string;
  readonly decidedAt: Instant;
  readonly undoneWhy: string | null;
  readonly undoneBy: string | null;
  readonly undoneAt: Instant | null;
}

const COLUMNS = `id, kind, from_id as "fromId", from_code as "fromCode", into_id as "intoId", into_code as "intoCode",
  valid_from::text as "validFrom", why, decided_by as "decidedBy", decided_at as "decidedAt", undone_why as "undoneWhy",
  undone_by as "undoneBy", undone_at as "undoneAt"`;

/** Table merge_decision: which objects a person said to be one, and which of that was taken back. */
export class MergeDecisionStore {
  /** By the id of the object that was merged. */
  async standing(tx: Tx, kind: MasterKind): Promise<Map<string, MergedInto>> {
    const rows = await tx.query<{ id: string; code: string; validFrom: WorkDate }>(
      `select from_id as id, into_code as code, valid_from::text as "validFrom" from merge_decision
       where kind = $1 and undone_at is null`,
      [kind],
    );
    return new Map(rows.map(({ id, code, validFrom }) => [id, { code, validFrom }]));
  }

  /** With every code that the merged objects have and had. */
  async followed(tx: Tx, kind: MasterKind): Promise<StandingMerge[]> {
    const rows = await tx.query<{ codes: string[]; code: string; validFrom: WorkDate }>(
      `select array[d.from_code, o.code] || array(select jsonb_array_elements(o.body->'formerCodes')->>'code') as codes,
         d.into_code as code, d.valid_from::text as "validFrom"
       from merge_decision d join canonical_object o on o.id = d.from_id
       where d.kind = $1 and d.undone_at is null order by d.valid_from, d.decided_at`,
      [kind],
    );
    return rows.map(({ codes, code, validFrom }) => ({ codes: [...new Set(codes)], into: { code, validFrom } }));
  }

  /** These codes, and those of whatever was merged into them, step by step. */
  async leadingTo(tx: Tx, kind: MasterKind, codes: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ code: string }>(
      `with recursive led as (
         select unnest($2::text[]) as code
         union
         select d.from_code from merge_decision d join led l on d.into_code = l.code where d.kind = $1 and d.undone_at is null
       ) select code from led`,
      [kind, codes],
    );
    return rows.map(({ code }) => code);
  }

  async add(tx: Tx, decision: Omit<MergeDecision, 'undoneWhy' | 'undoneBy' | 'undoneAt'>): Promise<void> {
    const { id, kind, fromId, fromCode, intoId, intoCode, validFrom, why, decidedBy, decidedAt } = decision;
    await tx.query(
      `insert into merge_decision (id, kind, from_id, from_code, into_id, into_code, valid_from, why, decided_by, decided_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [id, kind, fromId, fromCode, intoId, intoCode, validFrom, why, decidedBy, decidedAt],
    );
  }

  /** @returns the decision that stood, or undefined */
  async undo(
    tx: Tx,
    fromId: string,
    by: { readonly actor: string; readonly why: string; readonly now: Instant },
  ): Promise<MergeDecision | undefined> {
    const [row] = await tx.query<MergeDecision>(
      `update merge_decision set undone_by = $2, undone_why = $3, undone_at = $4 where from_id = $1 and undone_at is null
       returning ${COLUMNS}`,
      [fromId, by.actor, by.why, by.now],
    );
    return row;
  }

  /** Newest first, those that were taken back among them. */
  async ofObject(tx: Tx, id: string): Promise<MergeDecision[]> {
    return tx.query<MergeDecision>(
      `select ${COLUMNS} from merge_decision where from_id = $1 or into_id = $1 order by decided_at desc`,
      [id],
    );
  }
}
