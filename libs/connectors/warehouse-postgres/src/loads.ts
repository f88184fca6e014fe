import { bookedLineOf, FACT_COLUMNS, type BookedDocument, type PostingDocument, type WarehouseRow } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { Session } from './client/sessions.js';
import { columnList } from './schema/tables.js';

const NAMES = FACT_COLUMNS.map(({ name }) => name).join(', ');
const SET = FACT_COLUMNS.slice(1)
  .map(({ name }) => `${name} = excluded.${name}`)
  .join(', ');

/** Writes a load and its facts. Again with the same content: no effect, or what was missing. @throws Fault ContractBroken */
export const writeLoad = async (session: Session, document: PostingDocument, facts: readonly WarehouseRow[]): Promise<void> => {
  const written = await session.query(
    `insert into load as l (load_key, content_hash, legal_entity_key, posting_period, posting_date, currency, line_count)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (load_key) do update set loaded_at = l.loaded_at where l.content_hash = excluded.content_hash
     returning 1`,
    [
      document.documentKey,
      document.contentHash,
      document.legalEntityId,
      document.postingPeriod,
      document.postingDate,
      document.currency,
      facts.length,
    ],
  );
  // Something is loaded that this document is not. No rejection, or its lines would be sent once more under another key.
  if (written.length === 0)
    throw new Fault('ContractBroken', `load ${document.documentKey}: its key was used for another content`);
  await session.query(
    // Ordered, so that two loads with common keys wait for each other instead of locking each other out.
    `insert into fact_time (${NAMES})
     select ${NAMES} from jsonb_to_recordset($1::jsonb) as r(${columnList(FACT_COLUMNS, { constraints: false })})
     order by posting_key
     on conflict (posting_key) do update set ${SET}`,
    [JSON.stringify(facts)],
  );
};

interface LoadRow {
  readonly load_key: string;
  readonly legal_entity_key: string;
  readonly posting_period: string;
  readonly posting_date: string;
  readonly currency: string;
}

const LOAD = 'load_key, legal_entity_key, posting_period, posting_date, currency';

const withFacts = async (session: Session, loads: readonly LoadRow[]): Promise<BookedDocument[]> => {
  const facts = await session.query<{ load_key: string } & Record<string, never>>(
    `select ${NAMES} from fact_time where load_key = any($1) order by load_key, posting_key`,
    [loads.map(({ load_key }) => load_key)],
  );
  const byLoad = Map.groupBy(facts, ({ load_key }) => load_key);
  return loads.map((load) => ({
    externalId: load.load_key,
    reference: load.load_key,
    state: 'posted',
    legalEntityId: load.legal_entity_key,
    postingPeriod: load.posting_period,
    postingDate: load.posting_date,
    currency: load.currency,
    lines: (byLoad.get(load.load_key) ?? []).map(bookedLineOf),
  }));
};

export const readLoads = async (session: Session, keys: readonly string[]): Promise<BookedDocument[]> =>
  withFacts(session, await session.query<LoadRow>(`select ${LOAD} from load where load_key = any($1) order by load_key`, [keys]));

export const hasLoad = async (session: Session, key: string): Promise<boolean> =>
  (await session.query(`select 1 from load where load_key = $1`, [key])).length > 0;

/** Loads in order of posting date and key, after a place in that order. */
export const pageOfLoads = async (
  session: Session,
  window: { readonly from: string; readonly to: string },
  after: { readonly postingDate: string; readonly key: string },
  limit: number,
): Promise<BookedDocument[]> =>
  withFacts(
    session,
    await session.query<LoadRow>(
      `select ${LOAD} from load
       where posting_date between $1 and $2 and (posting_date, load_key) > ($3, $4)
       order by posting_date, load_key limit $5`,
      [window.from, window.to, after.postingDate, after.key, limit],
    ),
  );
