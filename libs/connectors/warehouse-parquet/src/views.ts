import { DIMENSION_TABLES, FACT_COLUMNS, STAR_VIEWS, type Column } from '@tieout/connector-kit';

const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(', ');

const dimensionView = (kind: string, table: string, columns: readonly Column[]): string =>
  `create or replace view ${table} as
select ${names(columns)} from read_parquet('dimensions/${kind}/*.parquet', union_by_name = true)
qualify revision = max(revision) over (partition by object_id)
  and row_number() over (partition by object_id, revision, valid_from) = 1;`;

/** For DuckDB, run in the warehouse's folder or with `file_search_path` set to it. */
export const VIEWS_SQL = [
  `-- Written by Tieout; changes are lost. In this folder: duckdb -init views.sql
-- Elsewhere: set file_search_path = '/path/to/this/folder'; before reading it.`,
  `create or replace view fact_time as
select ${names(FACT_COLUMNS)} from read_parquet('facts/*/*.parquet', union_by_name = true, hive_partitioning = false)
qualify row_number() over (partition by posting_key order by load_key desc) = 1;`,
  ...Object.values(DIMENSION_TABLES).map(({ kind, table, columns }) => dimensionView(kind, table, columns)),
  `create or replace view dim_date as
select cast(d as date) as day, cast(date_trunc('month', d) as date) as month, cast(extract(year from d) as integer) as year,
  cast(extract(quarter from d) as integer) as quarter, cast(extract(week from d) as integer) as iso_week,
  cast(extract(isodow from d) as integer) as iso_weekday, extract(isodow from d) < 6 as is_weekday
from range(date '2000-01-01', date '2060-01-01', interval 1 day) as t(d);`,
  ...STAR_VIEWS.map(({ name, sql }) => `create or replace view ${name} as\n${sql};`),
  '',
].join('\n\n');
