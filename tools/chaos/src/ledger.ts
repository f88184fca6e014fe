import { LINE_STATE } from '@tieout/delivery/postgres';
import pg from 'pg';

export interface LedgerLine {
  readonly postingKey: string;
  readonly entryId: string;
  readonly state: string;
  readonly releaseNo: number;
  readonly leg: string;
  readonly hours: string;
  readonly amount: string;
  readonly documentKey: string | null;
  readonly reverses: string | null;
  /** The key under which the ERP has it: of a surplus line that was taken in to be reversed, its twin's. */
  readonly standsAs: string;
}
export interface LedgerTarget {
  readonly entryId: string;
  readonly releaseNo: number;
  /** What shall stand, by leg; empty: nothing. */
  readonly wanted: readonly { readonly leg: string; readonly content: { readonly amount: string } }[];
}

/** The connection of the demo bundle that time is booked to. */
const ERP = 'erp';

/** What erp-posting's own database says, for comparison with the ERP's books. */
export const readLedger = async (postgresUrl: string): Promise<{ lines: LedgerLine[]; targets: LedgerTarget[] }> => {
  const url = new URL(postgresUrl);
  url.pathname = '/erp_posting';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const lines = await client.query<LedgerLine>(
      `SELECT posting_key AS "postingKey", entry_id AS "entryId", ${LINE_STATE} AS state, release_no AS "releaseNo", leg,
              content->>'hours' AS hours, content->>'amount' AS amount,
              document_key AS "documentKey", reverses,
              coalesce((SELECT a.line_key FROM adopted_line a WHERE a.posting_key = p.posting_key), posting_key::text) AS "standsAs"
         FROM posting p WHERE destination = $1`,
      [ERP],
    );
    const targets = await client.query<LedgerTarget>(
      `SELECT entry_id AS "entryId", release_no AS "releaseNo", wanted FROM target WHERE destination = $1`,
      [ERP],
    );
    return { lines: lines.rows, targets: targets.rows };
  } finally {
    await client.end();
  }
};
