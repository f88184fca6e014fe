import type { Instant, OutageReason } from '@tieout/model';
import type { Database, Tx } from '@tieout/persistence';
import { grant, leave, type Beat, type Share } from '../domain/budget/budget-shares.js';
import { stepCircuit, type Circuit, type CircuitEvent } from '../domain/budget/circuit.js';
import { reserve, type Rate, type RateAsk } from '../domain/budget/gcra.js';
import type { BeatAnswer, BudgetStore, TellOutage } from '../engine/budget-store.js';

/** Long after the last request of such a process is over. */
const FORGOTTEN_AFTER = `interval '30 days'`;

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;
const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

const SHARE = `instance, life, beat_no as "beatNo", slots, ${ms('beat_at')} as "beatAtMs", keep_ms as "keepMs", stopped as "left"`;

interface BookRow {
  readonly nowMs: number;
  readonly freeAtMs: number | null;
  readonly shiftedMs: number;
}

interface CircuitRow {
  readonly nowMs: number;
  readonly now: Instant;
  readonly failures: number;
  readonly restUntilMs: number | null;
  readonly trialUntilMs: number | null;
  readonly told: OutageReason | null;
}

const CIRCUIT = `failures, ${ms('retry_at')} as "restUntilMs", ${ms('trial_until')} as "trialUntilMs", fault_reason as told`;
const CLOCK = `clock_timestamp() as now, ${ms('clock_timestamp()')} as "nowMs"`;

/** The budgets of all connections, on the database's clock. Rules are the domain's; here they are applied under a row lock. */
export class PostgresBudgetStore implements BudgetStore {
  constructor(
    private readonly database: Pick<Database, 'query' | 'transaction'>,
    private readonly tell: TellOutage,
  ) {}

  async beat(connection: string, beat: Beat): Promise<BeatAnswer | { readonly kind: 'lost' }> {
    return this.database.transaction(async (tx) => {
      const { nowMs } = await this.#lock(tx, connection);
      const shares = await tx.query<Share>(`select ${SHARE} from delivery_instance where connection = $1`, [connection]);
      const verdict = grant(shares, beat, nowMs);
      if (verdict.kind === 'lost') return verdict;
      const { share, target, replicas } = verdict;
      if (beat.life === undefined) await this.#forget(tx, connection);
      await this.#put(tx, connection, share);
      const [row] = await tx.query<CircuitRow>(`select ${CIRCUIT}, ${CLOCK} from connection_state where connection = $1`, [
        connection,
      ]);
      const circuit = row === undefined ? { failures: 0 } : circuitOf(row);
      return { kind: 'granted', life: share.life, slots: share.slots, target, replicas, nowMs: row?.nowMs ?? nowMs, circuit };
    });
  }

  async leave(
    connection: string,
    me: { readonly instance: string; readonly life: number; readonly holds: number },
  ): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.#lock(tx, connection);
      const [share] = await tx.query<Share>(
        `select ${SHARE} from delivery_instance where connection = $1 and instance = $2 and life = $3`,
        [connection, me.instance, me.life],
      );
      if (share) await this.#put(tx, connection, leave(share, me.holds));
    });
  }

  async reserve(connection: string, rate: Rate, ask: RateAsk) {
    return this.database.transaction(async (tx) => {
      const { nowMs, freeAtMs, shiftedMs } = await this.#lock(tx, connection);
      const reservation = reserve({ freeAtMs: freeAtMs ?? nowMs, shiftedMs }, nowMs, rate, ask);
      await tx.query(`update delivery_budget set free_at = ${at('$2')}, shifted_ms = $3 where connection = $1`, [
        connection,
        reservation.freeAtMs,
        reservation.shiftedMs,
      ]);
      return { ...reservation, nowMs };
    });
  }

  async learn(connection: string, event: CircuitEvent) {
    return this.database.transaction(async (tx) => {
      await tx.query(`insert into connection_state (connection) values ($1) on conflict do nothing`, [connection]);
      const [row] = await tx.query<CircuitRow>(
        `with locked as materialized (select * from connection_state where connection = $1 for update)
         select ${CIRCUIT}, ${CLOCK} from locked`,
        [connection],
      );
      const { nowMs, now } = row!;
      const { circuit, news } = stepCircuit(circuitOf(row!), event, nowMs);
      await tx.query(
        `update connection_state set failures = $2, retry_at = ${at('$3')}, trial_until = ${at('$4')}, fault_reason = $5,
           fault_since = case when $5::text is null then null else coalesce(fault_since, $6) end
         where connection = $1`,
        [connection, circuit.failures, circuit.restUntilMs ?? null, circuit.trialUntilMs ?? null, circuit.told ?? null, now],
      );
      if (news === 'faulted' && event.type === 'failed')
        await this.tell(tx, { kind: news, connection, reason: event.reason, message: event.message, since: now });
      if (news === 'recovered') await this.tell(tx, { kind: news, connection, clearedAt: now });
      return { circuit, news, nowMs };
    });
  }

  /** The clock is read after the lock was had: whoever waited for it must not take an old time for now. */
  async #lock(tx: Tx, connection: string): Promise<BookRow> {
    const sql = `with locked as materialized (select free_at, shifted_ms from delivery_budget where connection = $1 for update)
      select ${ms('free_at')} as "freeAtMs", shifted_ms as "shiftedMs", ${ms('clock_timestamp()')} as "nowMs" from locked`;
    const [row] = await tx.query<BookRow>(sql, [connection]);
    if (row !== undefined) return row;
    await tx.query(`insert into delivery_budget (connection) values ($1) on conflict do nothing`, [connection]);
    return (await tx.query<BookRow>(sql, [connection]))[0]!;
  }

  async #put(tx: Tx, connection: string, share: Share): Promise<void> {
    await tx.query(
      `insert into delivery_instance (connection, instance, life, beat_no, slots, beat_at, keep_ms, stopped)
       values ($1, $2, $3, $4, $5, ${at('$6')}, $7, $8)
       on conflict (connection, instance) do update set life = excluded.life, beat_no = excluded.beat_no, slots = excluded.slots,
         beat_at = excluded.beat_at, keep_ms = excluded.keep_ms, stopped = excluded.stopped`,
      [connection, share.instance, share.life, share.beatNo, share.slots, share.beatAtMs, share.keepMs, share.left],
    );
  }

  async #forget(tx: Tx, connection: string): Promise<void> {
    await tx.query(`delete from delivery_instance where connection = $1 and beat_at < clock_timestamp() - ${FORGOTTEN_AFTER}`, [
      connection,
    ]);
  }
}

const circuitOf = (row: CircuitRow): Circuit => ({
  failures: row.failures,
  restUntilMs: row.restUntilMs ?? undefined,
  trialUntilMs: row.trialUntilMs ?? undefined,
  told: row.told ?? undefined,
});
