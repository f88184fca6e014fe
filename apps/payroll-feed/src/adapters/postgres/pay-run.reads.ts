import { addDecimals, hashTotal, type Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { PaidHours, RunTotals } from '../../domain/preview.js';
import { PAY_RUN_COLUMNS, type PayRunRow } from './pay-run.table.js';

export interface RunDocument {
  readonly documentKey: string;
  readonly state: string;
  readonly held: boolean;
  readonly externalId: string | null;
  readonly message: string | null;
  readonly totals: RunTotals;
}

type RunKey = Pick<PayRunRow, 'destination' | 'payPeriod'>;

const OF_RUN = `from document d join posting p on p.document_key = d.document_key
  where d.destination = $1 and d.posting_period = $2 and d.state not in ('dissolved', 'rejected')`;

export const listRuns = (
  tx: Tx,
  o: { readonly state?: string | undefined; readonly payGroup?: string | undefined; readonly limit: number },
): Promise<(PayRunRow & { readonly held: number })[]> =>
  tx.query(
    `select ${PAY_RUN_COLUMNS}, (select count(*) from document d where d.destination = r.destination and d.posting_period = r.pay_period
       and d.state = 'frozen' and d.held) as held
     from pay_run r where ($1::text is null or r.state = $1) and ($2::text is null or r.pay_group = $2) order by r.cut_off desc, r.id limit $3`,
    [o.state ?? null, o.payGroup ?? null, o.limit],
  );

export const findRun = async (tx: Tx, id: string): Promise<PayRunRow | undefined> => {
  const [row] = await tx.query<PayRunRow>(`select ${PAY_RUN_COLUMNS} from pay_run r where r.id = $1`, [id]);
  return row;
};

/** The latest run before this one of the same group that payroll acknowledged. */
export const lastAcknowledged = async (tx: Tx, run: PayRunRow): Promise<PayRunRow | undefined> => {
  const [row] = await tx.query<PayRunRow>(
    `select ${PAY_RUN_COLUMNS} from pay_run r
     where r.destination = $1 and r.pay_group = $2 and r.cut_off < $3 and r.state = 'acknowledged' order by r.cut_off desc limit 1`,
    [run.destination, run.payGroup, run.cutOff],
  );
  return row;
};

/** What a run pays for, per person and pay code; hours of lines that payroll refused are none. */
export const hoursOf = (tx: Tx, { destination, payPeriod }: RunKey): Promise<PaidHours[]> =>
  tx.query<PaidHours>(
    `select p.content ->> 'workerCode' as "workerCode", coalesce(p.content ->> 'payCode', '') as "payCode",
       trim_scale(sum((p.content ->> 'hours')::numeric)) as hours
     ${OF_RUN} and p.state not in ('cancelled', 'rejected') group by 1, 2 order by 1, 2`,
    [destination, payPeriod],
  );

/** Control totals of the run as it stands, and of what payroll has confirmed of it. */
export const totalsOf = async (tx: Tx, { destination, payPeriod }: RunKey, confirmed = false): Promise<RunTotals> => {
  const rows = await tx.query<{ key: string; hours: string }>(
    `select p.posting_key as key, p.content ->> 'hours' as hours ${OF_RUN}
     and p.state not in ('cancelled', 'rejected') and (d.state = 'confirmed' or not $3)`,
    [destination, payPeriod, confirmed],
  );
  return {
    count: rows.length,
    hours: addDecimals(rows.map(({ hours }) => hours)),
    hashTotal: hashTotal(rows.map(({ key }) => key)),
  };
};

/** When the release that a correction follows was approved; absent where it was withdrawn, or nobody says. */
export const approvals = async (
  tx: Tx,
  destination: string,
  entryIds: readonly string[],
): Promise<ReadonlyMap<string, Instant>> => {
  if (entryIds.length === 0) return new Map();
  const rows = await tx.query<{ entryId: string; approvedAt: string }>(
    `select entry_id as "entryId", wanted -> 0 -> 'content' ->> 'approvedAt' as "approvedAt" from target
     where destination = $1 and entry_id = any($2::uuid[]) and wanted -> 0 -> 'content' ->> 'approvedAt' is not null`,
    [destination, entryIds],
  );
  return new Map(rows.map(({ entryId, approvedAt }) => [entryId, approvedAt]));
};

/** Whose unsent documents a period change touches: a worker's legal entity need not be the pay group's. */
export const legalEntitiesOf = (tx: Tx, payPeriods: readonly string[]): Promise<{ legalEntityId: string; code: string }[]> =>
  tx.query(
    `select distinct legal_entity_id as "legalEntityId", posting_period as code from document
     where posting_period = any($1::text[]) and state = 'frozen'`,
    [payPeriods],
  );

export const documentsOf = (tx: Tx, { destination, payPeriod }: RunKey): Promise<RunDocument[]> =>
  tx.query(
    `select document_key as "documentKey", state, held, external_id as "externalId", message, totals from document
     where destination = $1 and posting_period = $2 and state <> 'dissolved' order by frozen_at, document_key`,
    [destination, payPeriod],
  );
