import { DIMENSION_KINDS, DIMENSION_TABLES, FACT_COLUMNS } from '@tieout/connector-kit';
import { encode } from './client/parquet-file.js';
import type { WarehouseFolder } from './client/warehouse-folder.js';
import { VIEWS_SQL } from './views.js';

export const FACTS = 'facts';
export const dimensionFolder = (kind: string): string => `dimensions/${kind}`;
export const VIEWS_FILE = 'views.sql';

/** A pattern that matches no file is an error in DuckDB, so each table has a file without rows. */
const files = (): [path: string, bytes: Uint8Array][] => [
  [`${FACTS}/schema/empty.parquet`, encode(FACT_COLUMNS, [])],
  ...DIMENSION_KINDS.map((kind): [string, Uint8Array] => [
    `${dimensionFolder(kind)}/empty.parquet`,
    encode(DIMENSION_TABLES[kind].columns, []),
  ]),
  // Last: whoever finds it finds what it reads.
  [VIEWS_FILE, new TextEncoder().encode(VIEWS_SQL)],
];

/** Puts views and empty files in place, and replaces those of an older build. */
export const layOut = async (folder: WarehouseFolder): Promise<void> => {
  for (const [path, bytes] of files()) {
    const present = await folder.read(path);
    if (present === undefined || Buffer.compare(present, bytes) !== 0) await folder.write(path, bytes);
  }
};
