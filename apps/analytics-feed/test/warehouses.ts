import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { decimal, toDecimalString } from '@tieout/model';
import pg from 'pg';

const DEMO = join(import.meta.dirname, '../../../deploy/governance/demo');

/** The demo firm's bundle with two warehouses. */
export const bundleWithWarehouses = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'tieout-bundle-'));
  await cp(DEMO, folder, { recursive: true });
  // The demo's own bureau and warehouse are not there.
  const demo = await readFile(join(DEMO, 'connections.yaml'), 'utf8');
  const connections = demo.replaceAll(/^ {2}(payroll|warehouse):\n( {4}.*\n)+/gm, '');
  const warehouses = `
  dw:
    system: warehouse-postgres
    roles: [analytics]
    settings: { url: env:DW_URL, schema: env:DW_SCHEMA }
    secrets: [url]
  lake:
    system: warehouse-parquet
    roles: [analytics]
    settings: { folder: env:LAKE_FOLDER }
`;
  await writeFile(join(folder, 'connections.yaml'), `${connections}\n${warehouses}`);
  await writeFile(join(folder, 'routing.yaml'), 'routes: { default: [erp] }\nanalytics: { default: [dw, lake] }\n');
  return folder;
};

type Row = Readonly<Record<string, string | null>>;

/** Keys of postings and loads name the destination, so they differ; everything else is the same. */
const SHARED = `entry_id, release_no, leg, kind, legal_entity_key, posting_period, posting_date, work_date, worker_key,
  project_key, task_key, cost_centre_key, pay_code, hours, cost_amount, cost_currency, billable, bill_amount, bill_currency`;
const QUESTIONS = {
  facts: `select ${SHARED} from fact_time order by entry_id, release_no, kind`,
  keys: `select posting_key, reverses, load_key from fact_time order by posting_key`,
  current: `select entry_id, release_no from fact_time_current order by entry_id`,
  worker: `select * from dim_worker order by object_id, valid_from`,
  project: `select * from dim_project order by object_id, valid_from`,
  utilisation: `select * from utilisation order by worker_key, month`,
  margin: `select * from margin_inputs order by project_key, month, currency`,
  completion: `select * from percent_of_completion_inputs order by project_key, month, currency`,
} as const;
type Question = keyof typeof QUESTIONS;

/** One notation for both: "7.500000000000" is "7.5", true is "t". */
const plain = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  const text = String(value as string | number);
  return /^-?\d+(\.\d+)?$/.test(text) ? toDecimalString(decimal(text)) : text;
};
const inOneNotation = (rows: readonly object[]): Row[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));

export interface Warehouse {
  sql(text: string): Promise<Row[]>;
  /** The answer to every question. */
  everything(): Promise<Readonly<Record<Question, Row[]>>>;
  empty(): Promise<void>;
}

const askAll = async (ask: (text: string) => Promise<Row[]>): Promise<Record<Question, Row[]>> => {
  const answers: [string, Row[]][] = [];
  for (const [question, text] of Object.entries(QUESTIONS)) answers.push([question, await ask(text)]);
  return Object.fromEntries(answers) as Record<Question, Row[]>;
};

export const postgresWarehouse = (url: string, schema: string): Warehouse => {
  const connected = async <T>(work: (ask: (text: string) => Promise<Row[]>) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: url, types: { getTypeParser: () => String } });
    await client.connect();
    try {
      await client.query(`set search_path to ${schema}`);
      return await work(async (text) => inOneNotation((await client.query<Row>(text)).rows ?? []));
    } finally {
      await client.end();
    }
  };
  const sql = (text: string): Promise<Row[]> => connected((ask) => ask(text));
  return { sql, everything: () => connected(askAll), empty: async () => void (await sql(`drop schema ${schema} cascade`)) };
};

export const parquetWarehouse = (folder: string): Warehouse => {
  const connected = async <T>(work: (ask: (text: string) => Promise<Row[]>) => Promise<T>): Promise<T> => {
    const instance = await DuckDBInstance.create(':memory:');
    try {
      const connection = await instance.connect();
      await connection.run(`set file_search_path = '${folder}'`);
      await connection.run(await readFile(join(folder, 'views.sql'), 'utf8'));
      return await work(async (text) => inOneNotation((await connection.runAndReadAll(text)).getRowObjectsJson()));
    } finally {
      instance.closeSync();
    }
  };
  return {
    sql: (text) => connected((ask) => ask(text)),
    everything: () => connected(askAll),
    empty: async () => {
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    },
  };
};

/** Everything that a warehouse holds and answers, as one hash. */
export const hashOf = async (warehouse: Warehouse): Promise<string> =>
  createHash('sha256')
    .update(JSON.stringify(await warehouse.everything()))
    .digest('hex');
