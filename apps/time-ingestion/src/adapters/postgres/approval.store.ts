import type { Instant, WorkDate } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

export interface ApprovalRow {
  readonly entryId: string;
  readonly workDate: WorkDate;
  readonly projectCode: string;
  readonly hours: string;
  readonly approved: boolean;
  readonly approvedAt: Instant | null;
  readonly verdict: string;
  readonly reasons: readonly string[];
}

const MOST = 500;
const COLUMNS = `e.entry_id as "entryId", e.work_date::text as "workDate", e.content->>'projectCode' as "projectCode",
  e.hours::text as hours, e.approval is not null as approved, e.approval->>'at' as "approvedAt", e.verdict,
  array(select r->>'reason' from jsonb_array_elements(case when e.verdict = 'held' then e.refusals else '[]'::jsonb end) r) as reasons`;

export const approvalOfEntry = (tx: Tx, entryId: string): Promise<ApprovalRow[]> =>
  tx.query<ApprovalRow>(`select ${COLUMNS} from time_entry e where e.entry_id = $1 and not e.deleted`, [entryId]);

/** Under every code that the worker has or had. */
export const approvalsOfDays = (tx: Tx, worker: string, from: WorkDate, to: WorkDate): Promise<ApprovalRow[]> =>
  tx.query<ApprovalRow>(
    `with known as (
       select body from master_object where kind = 'worker' and code = $1
       union all
       select body from master_object where kind = 'worker' and body ? 'formerCodes'
         and jsonb_path_query_array(body, '$.formerCodes[*].code') ? $1
     ), codes as (
       select $1 as code union select body->>'code' from known
       union select jsonb_array_elements(body->'formerCodes')->>'code' from known
     )
     select ${COLUMNS} from time_entry e join codes c on e.worker_code = c.code
     where e.work_date between $2 and $3 and not e.deleted order by e.work_date, e.entry_id limit ${MOST}`,
    [worker, from, to],
  );
