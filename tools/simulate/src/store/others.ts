import type { BudgetStore, ConnectionRow, Connections, LedgerDatabase, MasterData, Notices } from '@tieout/delivery';
import { Fault } from '@tieout/model';
import type { NewAuditRow, NewEvent, Tx } from '@tieout/persistence';
import type { Interruptible } from '../interruptible.js';
import type { Random } from '../random.js';
import type { Tables } from './tables.js';

const LONGEST_TRIP_MS = 8;

const noSql = async (): Promise<never> => {
  throw new Error('the simulation has no SQL: a step went past its ports');
};
const TX: Tx = { query: noSql };

/** One process's way to the database: transactions one after the other, all or nothing, and a commit whose answer may be lost. */
export const databaseOf = (process: Interruptible, tables: Tables, random: Random, committed: () => void): LedgerDatabase => ({
  query: noSql,
  transaction: async <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => {
    await process.reach('begin', random.int(1, LONGEST_TRIP_MS));
    const fault = process.databaseFault();
    if (fault === 'refused') throw new Fault('Unavailable', 'the database is away');
    const { journal } = tables;
    journal.begin();
    let result: T;
    try {
      result = await fn(TX);
    } catch (error) {
      journal.rollBack();
      await process.reach('begin', random.int(1, LONGEST_TRIP_MS));
      throw error;
    }
    process.point('commit');
    if (!process.alive) {
      journal.rollBack();
      return new Promise<never>(() => undefined);
    }
    journal.commit();
    committed();
    await process.reach('committed', random.int(1, LONGEST_TRIP_MS));
    if (fault === 'answer-lost') throw new Fault('Unavailable', 'the database went away before it said that it had committed');
    return result;
  },
});

/** The port as PostgreSQL fulfils it, in memory. */
export class SimulatedConnections implements Connections {
  constructor(private readonly tables: Tables) {}

  async lock(_tx: Tx, connection: string): Promise<ConnectionRow> {
    return this.tables.connections.get(connection) ?? { locked: null };
  }
  async read(_tx: Tx, connection: string): Promise<ConnectionRow | undefined> {
    return this.tables.connections.get(connection);
  }
  async setLock(_tx: Tx, connection: string, reason: string | null): Promise<void> {
    this.tables.connections.put(connection, { locked: reason });
  }
}

/** One process's way to the budget that all share; it is never held up by the other transactions. */
export const budgetsOf = (process: Interruptible, shared: BudgetStore, random: Random): BudgetStore => {
  const trip = async <T>(ask: () => Promise<T>): Promise<T> => {
    await process.reach('beat', random.int(1, LONGEST_TRIP_MS));
    return ask();
  };
  return {
    beat: (connection, beat) => trip(() => shared.beat(connection, beat)),
    leave: (connection, me) => trip(() => shared.leave(connection, me)),
    reserve: (connection, rate, ask) => trip(() => shared.reserve(connection, rate, ask)),
    learn: (connection, event) => trip(() => shared.learn(connection, event)),
  };
};

/** Events are kept, audit rows are heard by whoever follows the run. */
export class SimulatedNotices implements Notices {
  constructor(
    private readonly tables: Tables,
    private readonly heard: (row: NewAuditRow) => void,
  ) {}

  async audit(_tx: Tx, rows: readonly NewAuditRow[]): Promise<void> {
    for (const row of rows) this.heard(row);
  }
  async outbox(_tx: Tx, _producer: string, events: readonly NewEvent[]): Promise<void> {
    this.tables.events.append(events);
  }
  async receipts(): Promise<undefined> {
    return undefined;
  }
  /** Every commit wakes everybody. */
  async wake(): Promise<void> {}
}

/** The simulated firm's rules read its periods themselves. */
export const noMasterData: MasterData = {
  byKind: async () => [],
  byCodes: async () => new Map(),
};
