import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { PayPeriod } from '../../domain/pay-calendar.js';
import type { RunTotals } from '../../domain/preview.js';
import type { RunFacts, RunState } from '../../domain/run-states.js';
import { PAY_RUN_COLUMNS, type PayRunRow } from './pay-run.table.js';

export interface NewPayRun {
  readonly id: string;
  readonly destination: string;
  readonly legalEntityId: string;
  readonly period: PayPeriod;
}

export interface RunMove {
  readonly id: string;
  readonly state: RunState;
  readonly message?: string | undefined;
  readonly acknowledgedTotals?: RunTotals | undefined;
}

export interface RefusedDocument {
  readonly documentKey: string;
  readonly message: string | null;
}

export interface RunNews extends RunFacts {
  readonly id: string;
  readonly refusedDocuments: readonly RefusedDocument[];
}

/** Pay runs. Whoever decides about a run holds its row: nothing joins a run while it is being signed. */
export class PayRunStore {
  /** Opens runs that are not there. */
  async open(tx: Tx, runs: readonly NewPayRun[], now: Instant): Promise<void> {
    if (runs.length === 0) return;
    await tx.query(
      `insert into pay_run (id, destination, pay_period, pay_group, legal_entity_id, start_date, end_date, pay_date, cut_off, state, created_at, updated_at)
       select id, destination, "payPeriod", "payGroup", "legalEntityId", "startDate", "endDate", "payDate", "cutOff", 'collecting', $2, $2
       from jsonb_to_recordset($1::jsonb) as n(id uuid, destination text, "payPeriod" text, "payGroup" text, "legalEntityId" text, "startDate" date,
         "endDate" date, "payDate" date, "cutOff" timestamptz)
       order by id on conflict (destination, pay_period) do nothing`,
      [
        JSON.stringify(
          runs.map(({ period, ...run }) => ({
            ...run,
            payPeriod: period.code,
            payGroup: period.payGroup,
            startDate: period.startDate,
            endDate: period.endDate,
            payDate: period.payDate ?? null,
            cutOff: period.cutOff,
          })),
        ),
        now,
      ],
    );
  }

  /** Runs follow the calendar until they are signed. */
  async reschedule(tx: Tx, periods: readonly PayPeriod[], now: Instant): Promise<void> {
    await tx.query(
      `update pay_run r set start_date = n."startDate", end_date = n."endDate", pay_date = n."payDate", cut_off = n."cutOff", updated_at = $2
       from jsonb_to_recordset($1::jsonb) as n(code text, "startDate" date, "endDate" date, "payDate" date, "cutOff" timestamptz)
       where r.pay_period = n.code and r.state in ('collecting', 'previewed')
         and (r.start_date, r.end_date, r.pay_date, r.cut_off) is distinct from (n."startDate", n."endDate", n."payDate", n."cutOff")`,
      [JSON.stringify(periods), now],
    );
  }

  async lock(tx: Tx, id: string): Promise<PayRunRow | undefined> {
    const [row] = await tx.query<PayRunRow>(`select ${PAY_RUN_COLUMNS} from pay_run r where r.id = $1 for update`, [id]);
    return row;
  }

  async lockPeriods(tx: Tx, destination: string, payPeriods: readonly string[]): Promise<PayRunRow[]> {
    return tx.query<PayRunRow>(
      `select ${PAY_RUN_COLUMNS} from pay_run r where r.destination = $1 and r.pay_period = any($2::text[]) order by r.id for update`,
      [destination, payPeriods],
    );
  }

  /** Runs that may move; another replica's are passed over. */
  async lockUnfinished(tx: Tx, limit: number): Promise<PayRunRow[]> {
    return tx.query<PayRunRow>(
      `select ${PAY_RUN_COLUMNS} from pay_run r where r.state <> 'acknowledged' order by r.cut_off, r.id limit $1 for update skip locked`,
      [limit],
    );
  }

  /** A document that was cut into halves is spoken for by its halves. */
  async factsOf(tx: Tx, ids: readonly string[], now: Instant): Promise<RunNews[]> {
    if (ids.length === 0) return [];
    return tx.query<RunNews>(
      `select r.id, r.cut_off < $2 as "cutOffPassed",
         count(*) filter (where d.state = 'frozen' and d.held) as held,
         count(*) filter (where d.state = 'frozen' and not d.held) as unsent,
         count(*) filter (where d.state not in ('confirmed', 'rejected')) as unsettled,
         count(*) filter (where d.refused) as refused,
         coalesce(jsonb_agg(jsonb_build_object('documentKey', d.document_key, 'message', d.message)) filter (where d.refused), '[]') as "refusedDocuments"
       from pay_run r
       left join lateral (
         select d.*, d.state = 'rejected' and d.document_key <> all(r.refused_documents)
           and not exists (select from document half where half.split_from = d.document_key) as refused
         from document d where d.destination = r.destination and d.posting_period = r.pay_period and d.state <> 'dissolved'
       ) d on true
       where r.id = any($1::uuid[]) group by r.id`,
      [ids, now],
    );
  }

  async move(tx: Tx, moves: readonly RunMove[], now: Instant): Promise<void> {
    if (moves.length === 0) return;
    await tx.query(
      `update pay_run r set state = m.state, message = m.message, updated_at = $2,
         sent_at = case when m.state in ('sent', 'acknowledged') then coalesce(r.sent_at, $2) else r.sent_at end,
         acknowledged_at = case when m.state = 'acknowledged' then $2 end,
         acknowledged_totals = m."acknowledgedTotals"
       from jsonb_to_recordset($1::jsonb) as m(id uuid, state text, message text, "acknowledgedTotals" jsonb) where r.id = m.id`,
      [JSON.stringify(moves), now],
    );
  }

  /** Told once: a run that is signed again is not refused again for what was refused before. */
  async rememberRefused(
    tx: Tx,
    refused: readonly { readonly id: string; readonly documentKeys: readonly string[] }[],
  ): Promise<void> {
    const rows = refused.flatMap(({ id, documentKeys }) => documentKeys.map((documentKey) => ({ id, documentKey })));
    if (rows.length === 0) return;
    await tx.query(
      `update pay_run r set refused_documents = r.refused_documents || n.keys
       from (select id, array_agg("documentKey") as keys from jsonb_to_recordset($1::jsonb) as x(id uuid, "documentKey" uuid) group by id) n
       where r.id = n.id`,
      [JSON.stringify(rows)],
    );
  }

  async sign(
    tx: Tx,
    id: string,
    o: { readonly by: string; readonly hash: string; readonly totals: RunTotals; readonly now: Instant },
  ): Promise<void> {
    await tx.query(
      `update pay_run set state = 'signed', signed_by = $2, signed_at = $3, signed_hash = $4, signed_totals = $5, sent_at = null, message = null, updated_at = $3
       where id = $1`,
      [id, o.by, o.now, o.hash, JSON.stringify(o.totals)],
    );
  }

  /** Locks the documents that wait for the signature. Lock the run first. */
  async lockHeld(tx: Tx, run: Pick<PayRunRow, 'destination' | 'payPeriod'>): Promise<string[]> {
    const rows = await tx.query<{ key: string }>(
      `select document_key as key from document where destination = $1 and posting_period = $2 and state = 'frozen' and held
       order by document_key for update`,
      [run.destination, run.payPeriod],
    );
    return rows.map(({ key }) => key);
  }

  /** Signed is as good as sent: the lines can be put right only by the next run. */
  async release(tx: Tx, documentKeys: readonly string[]): Promise<void> {
    await tx.query(`update document set held = false, exposed = true where document_key = any($1::uuid[])`, [documentKeys]);
  }
}
