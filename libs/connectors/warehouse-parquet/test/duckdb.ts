import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** What an analyst does: sets the folder, runs its views, asks. Values as texts. */
export const askDuckDb = async (folder: string, sql: string): Promise<Record<string, unknown>[]> => {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    await connection.run(`set file_search_path = '${folder}'`);
    await connection.run(await readFile(join(folder, 'views.sql'), 'utf8'));
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    instance.closeSync();
  }
};
