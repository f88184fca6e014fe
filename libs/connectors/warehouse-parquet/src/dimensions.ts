import { DIMENSION_TABLES, dimensionRows, type DimensionKind, type DimensionRow, type WarehouseRow } from '@tieout/connector-kit';
import { contentHash } from '@tieout/model';
import { decode, encode } from './client/parquet-file.js';
import type { WarehouseFolder } from './client/warehouse-folder.js';
import { dimensionFolder } from './layout.js';

/** DuckDB opens every file for every question; past this many they become one. */
const MAX_FILES = 100;
const REVISION_FILE = /^r\d{12}-.*\.parquet$/;

/** The highest revision and the content: the same rows have the same name, whoever writes them. */
const nameOf = (rows: readonly WarehouseRow[]): string => {
  const revision = rows.reduce((highest, row) => Math.max(highest, Number(row['revision'])), 0);
  return `r${String(revision).padStart(12, '0')}-${contentHash(rows)}.parquet`;
};

/** The segments of each object at its highest revision, each once, in order of object and date. */
export const newestSegments = (rows: readonly WarehouseRow[]): WarehouseRow[] => {
  const highest = new Map<unknown, number>();
  for (const { object_id: id, revision } of rows) highest.set(id, Math.max(highest.get(id!) ?? 0, Number(revision)));
  const segments = new Map<string, WarehouseRow>();
  for (const row of rows)
    if (row['revision'] === highest.get(row['object_id']!)) segments.set(`${row['object_id']} ${row['valid_from']}`, row);
  return [...segments].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
};

/** Adds a file beside the others: the views take the highest revision of each object, so a lower one has no effect. */
export const writeDimensions = async (
  folder: WarehouseFolder,
  kind: DimensionKind,
  objects: readonly DimensionRow[],
): Promise<void> => {
  if (objects.length === 0) return;
  await put(folder, kind, newestSegments(objects.flatMap(dimensionRows)));
  await compact(folder, kind);
};

const put = async (folder: WarehouseFolder, kind: DimensionKind, rows: readonly WarehouseRow[]): Promise<string> => {
  const name = nameOf(rows);
  const path = `${dimensionFolder(kind)}/${name}`;
  if (!(await folder.has(path))) await folder.write(path, encode(DIMENSION_TABLES[kind].columns, rows));
  return name;
};

/** One file instead of many, once there are too many. Removes only what it has read, so that two at once lose nothing. */
const compact = async (folder: WarehouseFolder, kind: DimensionKind): Promise<void> => {
  const names = (await folder.list(dimensionFolder(kind))).filter((name) => REVISION_FILE.test(name));
  if (names.length <= MAX_FILES) return;
  const rows: WarehouseRow[] = [];
  for (const name of names) {
    const bytes = await folder.read(`${dimensionFolder(kind)}/${name}`);
    // Somebody else is at it.
    if (bytes === undefined) return;
    rows.push(...(await decode(name, bytes, DIMENSION_TABLES[kind].columns)).rows);
  }
  const whole = await put(folder, kind, newestSegments(rows));
  for (const name of names) if (name !== whole) await folder.remove(`${dimensionFolder(kind)}/${name}`);
};
