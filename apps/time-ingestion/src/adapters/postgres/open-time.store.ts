import type { MasterObject } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { RecordedTime, Window } from '../../domain/open-time.js';

/** Workers who are of the legal entity on some day, by code. An ambiguous one is nobody until a person decides. */
export const workersAfter = async (
  tx: Tx,
  legalEntityId: string,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<MasterObject[]> => {
  const rows = await tx.query<{ body: MasterObject }>(
    `SELECT body FROM master_object WHERE kind = 'worker' AND code > $2
       AND (legal_entity_id = $1 OR body->'timeline' @> jsonb_build_array(jsonb_build_object('attributes', jsonb_build_object('legalEntity', $1::text))))
       AND NOT (body->>'ambiguous')::boolean
     ORDER BY code LIMIT $3`,
    [legalEntityId, page.after ?? '', page.limit],
  );
  return rows.map(({ body }) => body);
};

/** What these workers recorded and did not take back, approved or not. */
export const recordedTime = (tx: Tx, workerCodes: readonly string[], { from, to }: Window): Promise<RecordedTime[]> =>
  tx.query<RecordedTime>(
    `SELECT content, approval IS NOT NULL AS approved FROM time_entry
     WHERE worker_code = ANY($1::text[]) AND work_date BETWEEN $2 AND $3 AND NOT deleted ORDER BY work_date, entry_id`,
    [workerCodes, from, to],
  );
