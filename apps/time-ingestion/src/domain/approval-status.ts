import type { ApprovalStatusV1 } from '@tieout/contracts';
import { addDays, entryIdOf, type WorkDate } from '@tieout/model';

/** What is asked about: one entry, or the days of one worker. Undefined: neither, or both. */
export type ApprovalSubject =
  | { readonly kind: 'entry'; readonly entryId: string }
  | { readonly kind: 'days'; readonly worker: string; readonly from: WorkDate; readonly to: WorkDate };

export const approvalSubject = ({
  entryId,
  connection,
  sourceId,
  worker,
  week,
}: ApprovalStatusV1): ApprovalSubject | undefined => {
  const bySource = connection !== undefined && sourceId !== undefined;
  const byWeek = worker !== undefined && week !== undefined;
  const given = [connection, sourceId, worker, week].filter((one) => one !== undefined).length;
  if (entryId !== undefined) return given === 0 ? { kind: 'entry', entryId } : undefined;
  if (given !== 2) return undefined;
  if (bySource) return { kind: 'entry', entryId: entryIdOf(connection, sourceId) };
  return byWeek ? { kind: 'days', worker, ...weekOf(week) } : undefined;
};

/** Monday to Sunday. */
export const weekOf = (date: WorkDate): { readonly from: WorkDate; readonly to: WorkDate } => {
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  const from = addDays(date, -((day + 6) % 7));
  return { from, to: addDays(from, 6) };
};
