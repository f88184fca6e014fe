import { Fault } from '@tieout/model';
import pg from 'pg';
import type { WarehouseConfig } from '../config.js';
import { migrate } from '../schema/migrate.js';
import { isMissingSchema, isServerAnswer, toFault } from './faults.js';

/** Runs SQL with the warehouse's schema in front. */
export interface Session {
  query<R>(sql: string, params?: readonly unknown[]): Promise<R[]>;
}

const MAX_SESSIONS = 4;
/** Short: a warehouse is written to in bursts, and its connections are few. */
const IDLE_MS = 5_000;
const CONNECT_MS = 5_000;

/** Dates as texts, as everywhere here: the driver would make instants of them in the process's time zone. */
const asText = { getTypeParser: (oid: number) => (oid === pg.types.builtins.DATE ? String : pg.types.getTypeParser(oid)) };

/** Connections of one set of settings. The schema is brought up to date before its first use. */
export class Sessions {
  readonly #pool: pg.Pool;
  #migrated: Promise<void> | undefined;

  constructor(readonly config: WarehouseConfig) {
    // A third of the deadline for a statement: two of them and the commit end before the engine takes the outcome for unknown.
    const statementMs = Math.floor(config.requestTimeoutMs / 3);
    this.#pool = new pg.Pool({
      connectionString: config.url,
      max: MAX_SESSIONS,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: Math.min(CONNECT_MS, statementMs),
      allowExitOnIdle: true,
      statement_timeout: statementMs,
      query_timeout: statementMs,
      application_name: 'tieout-warehouse',
      types: asText as pg.CustomTypesConfig,
    });
    // An idle connection that the server ended is replaced at the next use.
    this.#pool.on('error', () => undefined);
  }

  /** @throws Fault Unavailable, CredentialsRejected, ContractBroken */
  async read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#inTransaction(work, 'Unavailable');
  }

  /**
   * All that `work` does, or nothing.
   * @throws Fault as for reading, with nothing executed; OutcomeUnknown when the connection was lost during the commit; the driver's
   * error where the content was refused (`isRefusedContent`).
   */
  async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#inTransaction(work, 'OutcomeUnknown');
  }

  async #inTransaction<T>(work: (session: Session) => Promise<T>, lostCommit: 'OutcomeUnknown' | 'Unavailable'): Promise<T> {
    try {
      return await this.#once(work, lostCommit);
    } catch (error) {
      if (!isMissingSchema(error)) throw toFault(error);
    }
    // Somebody emptied the warehouse for a rebuild. Nothing was executed: with new tables it is.
    this.#migrated = undefined;
    return this.#once(work, lostCommit).catch((error: unknown) => {
      throw toFault(error);
    });
  }

  async #once<T>(work: (session: Session) => Promise<T>, lostCommit: 'OutcomeUnknown' | 'Unavailable'): Promise<T> {
    const client = await this.#connect();
    let committing = false;
    try {
      await this.#upToDate(client);
      // The schema's name is checked to need no quotes.
      await client.query(`begin; set local search_path to ${this.config.schema}`);
      const result = await work(sessionOn(client));
      committing = true;
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      // Closed, not rolled back: the server does that, and a connection in doubt serves nobody.
      client.release(true);
      if (committing && !isServerAnswer(error))
        throw new Fault(lostCommit, 'PostgreSQL: the connection was lost during the commit', { cause: error });
      throw error;
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      const client = await this.#pool.connect();
      // A connection that is lost while held tells its query; without a listener it would also end the process.
      if (client.listenerCount('error') === 0) client.on('error', () => undefined);
      return client;
    } catch (error) {
      throw toFault(error);
    }
  }

  async #upToDate(client: pg.PoolClient): Promise<void> {
    this.#migrated ??= migrate(client, this.config.schema).catch((error: unknown) => {
      this.#migrated = undefined;
      throw error;
    });
    await this.#migrated;
  }
}

const sessionOn = (client: pg.PoolClient): Session => ({
  query: async <R>(sql: string, params: readonly unknown[] = []) => (await client.query(sql, [...params])).rows as R[],
});
