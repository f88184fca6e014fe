import type { ConnectionId, Instant, MasterKind, OutageReason } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { ConnectionState } from '../../domain/outage.js';
import type { MalformedRecord } from '../../domain/snapshot.js';

export interface KindProgress {
  readonly connection: ConnectionId;
  readonly kind: MasterKind;
  readonly lastSuccessAt: Instant;
  readonly records: number;
  readonly malformed: number;
  readonly malformedSample: readonly MalformedRecord[];
}
export interface ConnectionProgress {
  readonly connection: ConnectionId;
  readonly state: 'up' | 'faulted';
  readonly reason: OutageReason | null;
  readonly message: string | null;
  readonly since: Instant | null;
  readonly lastAttemptAt: Instant;
}

/** Enough to find the mistake, not a second copy of a broken source. */
const SAMPLE = 20;

/** Tables connection_state, sync_state and merged_policy: how far the synchronisation is. */
export class SyncStateStore {
  async lastAttempt(tx: Tx, connection: ConnectionId): Promise<Instant | undefined> {
    const [row] = await tx.query<{ at: Instant }>('select last_attempt_at as at from connection_state where connection = $1', [
      connection,
    ]);
    return row?.at;
  }

  async connectionState(tx: Tx, connection: ConnectionId): Promise<ConnectionState> {
    const [row] = await tx.query<ConnectionProgress & { readonly failures: number }>(
      'select state, reason, message, since, failures from connection_state where connection = $1 for update',
      [connection],
    );
    if (!row || row.state === 'up') return { state: 'up', failures: row?.failures ?? 0 };
    return { state: 'faulted', reason: row.reason!, message: row.message!, since: row.since! };
  }

  async saveConnectionState(tx: Tx, connection: ConnectionId, state: ConnectionState, attemptAt: Instant): Promise<void> {
    const { reason = null, message = null, since = null } = state.state === 'faulted' ? state : {};
    const failures = state.state === 'up' ? state.failures : 0;
    await tx.query(
      `insert into connection_state (connection, state, reason, message, since, failures, last_attempt_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (connection) do update set state = excluded.state, reason = excluded.reason, message = excluded.message,
         since = excluded.since, failures = excluded.failures, last_attempt_at = excluded.last_attempt_at`,
      [connection, state.state, reason, message, since, failures, attemptAt],
    );
  }

  async saveSuccess(
    tx: Tx,
    source: { connection: ConnectionId; kind: MasterKind },
    records: number,
    malformed: readonly MalformedRecord[],
    now: Instant,
  ): Promise<void> {
    await tx.query(
      `insert into sync_state (connection, kind, last_success_at, records, malformed, malformed_sample) values ($1, $2, $3, $4, $5, $6)
       on conflict (connection, kind) do update set last_success_at = excluded.last_success_at, records = excluded.records,
         malformed = excluded.malformed, malformed_sample = excluded.malformed_sample`,
      [source.connection, source.kind, now, records, malformed.length, JSON.stringify(malformed.slice(0, SAMPLE))],
    );
  }

  /** A system that sends by itself was heard. */
  async savePushed(tx: Tx, source: { connection: ConnectionId; kind: MasterKind }, now: Instant): Promise<void> {
    await this.saveConnectionState(tx, source.connection, { state: 'up', failures: 0 }, now);
    await tx.query(
      `insert into sync_state (connection, kind, last_success_at, records, malformed, malformed_sample)
       select $1, $2, $3, count(*), 0, '[]' from master_source_record where connection = $1 and kind = $2 and absent_since is null
       on conflict (connection, kind) do update set last_success_at = excluded.last_success_at, records = excluded.records`,
      [source.connection, source.kind, now],
    );
  }

  async kinds(tx: Tx): Promise<KindProgress[]> {
    return tx.query<KindProgress>(
      `select connection, kind, last_success_at as "lastSuccessAt", records, malformed, malformed_sample as "malformedSample"
       from sync_state order by connection, kind`,
    );
  }

  async connections(tx: Tx): Promise<ConnectionProgress[]> {
    return tx.query<ConnectionProgress>(
      `select connection, state, reason, message, since, last_attempt_at as "lastAttemptAt" from connection_state order by connection`,
    );
  }

  async mergedPolicy(tx: Tx): Promise<{ readonly digest: string; readonly mergedAt: Instant } | undefined> {
    const [row] = await tx.query<{ digest: string; mergedAt: Instant }>(
      'select digest, merged_at as "mergedAt" from merged_policy',
    );
    return row;
  }

  async saveMergedPolicy(tx: Tx, digest: string, now: Instant): Promise<void> {
    await tx.query(
      `insert into merged_policy (digest, merged_at) values ($1, $2)
       on conflict (only_row) do update set digest = excluded.digest, merged_at = excluded.merged_at`,
      [digest, now],
    );
  }

  async unpublished(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>('select count(*)::int as count from outbox where published_at is null');
    return row?.count ?? 0;
  }
}
