import { DIMENSION_TABLES, dimensionRows, type DimensionKind, type DimensionRow } from '@tieout/connector-kit';
import type { Session } from './client/sessions.js';
import { columnList } from './schema/tables.js';

const newestOf = (rows: readonly DimensionRow[]): DimensionRow[] => {
  const newest = new Map<string, DimensionRow>();
  for (const row of rows) if (row.revision > (newest.get(row.id)?.revision ?? -1)) newest.set(row.id, row);
  return [...newest.values()];
};

/** Replaces the segments of the objects of one kind that came with a higher revision. */
export const writeDimensions = async (session: Session, kind: DimensionKind, rows: readonly DimensionRow[]): Promise<void> => {
  const objects = newestOf(rows);
  if (objects.length === 0) return;
  // The revision's row is the lock: two writers of one object come one after the other, and the lower revision finds itself beaten.
  const higher = await session.query<{ object_id: string }>(
    `insert into dimension_revision as d (kind, object_id, revision)
     select $1, id, revision from jsonb_to_recordset($2::jsonb) as r(id text, revision bigint) order by id
     on conflict (kind, object_id) do update set revision = excluded.revision where d.revision < excluded.revision
     returning object_id`,
    [kind, JSON.stringify(objects.map(({ id, revision }) => ({ id, revision })))],
  );
  if (higher.length === 0) return;
  const ids = new Set(higher.map(({ object_id }) => object_id));
  const { table, columns } = DIMENSION_TABLES[kind];
  const names = columns.map(({ name }) => name).join(', ');
  await session.query(`delete from ${table} where object_id = any($1)`, [[...ids]]);
  await session.query(
    `insert into ${table} (${names})
     select ${names} from jsonb_to_recordset($1::jsonb) as r(${columnList(columns, { constraints: false })})`,
    [JSON.stringify(objects.filter(({ id }) => ids.has(id)).flatMap(dimensionRows))],
  );
};
