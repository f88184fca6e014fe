import { DataSource, type QueryRunner } from 'typeorm';
import { isSerialisationConflict, toFault } from './pg-errors.js';
import { modelTypes } from './pg-types.js';
import { StatementNames } from './statement-names.js';

/** Something that runs SQL: the pool, or a transaction on it. */
export interface Tx {
  /** The rows, also for INSERT, UPDATE and DELETE .. RETURNING. @throws Fault Unavailable, CredentialsRejected; SqlError. */
  query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections per process, 5 unless told: every service together must stay below the server's max_connections. */
  readonly poolSize?: number;
  /** Milliseconds after which the server cancels a statement (30 000). */
  readonly statementTimeoutMs?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** Every statement of the hot path names its rows: the planner shall go by index (`BY_KEY`). */
  readonly byKey?: boolean;
}

/**
 * A batch names some hundred rows of a table of millions. The planner reckons a nested loop into a partitioned table as if each key were
 * looked for in every partition, takes reading and hashing the whole table for cheaper, and the ledger slows down as it grows. What has
 * no index is still read whole.
 */
const BY_KEY = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit'].map((name) => `-c ${name}=off`).join(' ');

const CONNECT_TIMEOUT_MS = 5_000;
const TRANSACTION_TRIES = 4;

/** The driver's own connection, which knows prepared statements. */
interface Client {
  query(statement: { text: string; values: readonly unknown[]; name: string | undefined }): Promise<{ rows: unknown[] }>;
}

/** One service's database. Connects when first used and again after it was away: a query fails with Unavailable until then. */
export class Database implements Tx {
  readonly dataSource: DataSource;
  readonly #names = new StatementNames();
  #connecting: Promise<DataSource> | undefined;
  #closed = false;

  constructor(options: DatabaseOptions) {
    const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
    this.dataSource = new DataSource({
      type: 'postgres',
      url: options.url,
      poolSize: options.poolSize ?? 5,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      installExtensions: false,
      applicationName: options.applicationName ?? 'tieout',
      // An idle connection that the server ended is replaced on next use; nothing to say.
      poolErrorHandler: () => undefined,
      extra: {
        types: modelTypes,
        keepAlive: true,
        statement_timeout: statementTimeoutMs,
        // A network that swallows packets must not hold a caller for ever.
        query_timeout: statementTimeoutMs + 5_000,
        idle_in_transaction_session_timeout: 60_000,
        ...(options.byKey === true && { options: BY_KEY }),
      },
    });
  }

  /** Tries once; every query does it by itself. @throws Fault Unavailable, CredentialsRejected. */
  async connect(): Promise<void> {
    await this.#ready();
  }

  async query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]> {
    return this.#withRunner((runner) => this.#rows<R>(runner, sql, params));
  }

  /**
   * Runs `fn` in a transaction (read committed) and commits. `fn` runs again, up to 3 times, after a deadlock or serialisation
   * conflict, so it must have no effect outside the transaction. Never call `database.query` inside `fn`: it takes another connection.
   */
  async transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#withRunner((runner) => this.#once(runner, fn), isSerialisationConflict);
      } catch (error) {
        if (attempt === TRANSACTION_TRIES || !isSerialisationConflict(error)) throw toFault(error);
        // Spread out, or the same two meet again.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
      }
    }
  }

  async ping(): Promise<void> {
    await this.query('select 1');
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting?.catch(() => undefined);
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  async #rows<R>(runner: QueryRunner, sql: string, params: readonly unknown[] = []): Promise<R[]> {
    const client = (await runner.connect()) as Client;
    const name = params.length === 0 ? undefined : this.#names.of(sql);
    const { rows } = await client.query({ text: sql, values: params, name });
    return rows as R[];
  }

  async #once<T>(runner: QueryRunner, fn: (tx: Tx) => Promise<T>): Promise<T> {
    let conflict: unknown;
    const tx: Tx = {
      query: async <R>(sql: string, params?: readonly unknown[]) => {
        try {
          return await this.#rows<R>(runner, sql, params);
        } catch (error) {
          if (isSerialisationConflict(error)) conflict = error;
          throw toFault(error);
        }
      },
    };
    await runner.startTransaction();
    try {
      const result = await fn(tx);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // The connection may be gone; the first error is the one that matters.
      await runner.rollbackTransaction().catch(() => undefined);
      throw conflict ?? error;
    }
  }

  async #withRunner<T>(fn: (runner: QueryRunner) => Promise<T>, keep: (error: unknown) => boolean = () => false): Promise<T> {
    try {
      const runner = (await this.#ready()).createQueryRunner();
      try {
        return await fn(runner);
      } finally {
        await runner.release();
      }
    } catch (error) {
      throw keep(error) ? error : toFault(error);
    }
  }

  #ready(): Promise<DataSource> {
    if (this.#closed) return Promise.reject(new Error('the database was closed'));
    this.#connecting ??= this.dataSource.initialize().catch((error: unknown) => {
      this.#connecting = undefined;
      throw toFault(error);
    });
    return this.#connecting;
  }
}
