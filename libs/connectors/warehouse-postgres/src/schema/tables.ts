import { DIMENSION_TABLES, FACT_COLUMNS, STAR_VIEWS, type Column, type ColumnType } from '@tieout/connector-kit';

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  date: 'date',
  decimal: 'numeric',
  integer: 'bigint',
  flag: 'boolean',
};

/** "hours numeric, ...": for `create table` and for reading JSON alike. */
export const columnList = (columns: readonly Column[], options: { constraints: boolean }): string =>
  columns
    .map(({ name, type, required }) => `${name} ${SQL_TYPES[type]}${options.constraints && required ? ' not null' : ''}`)
    .join(', ');

const dimensionTables = Object.values(DIMENSION_TABLES).flatMap(({ table, columns }) => [
  `create table ${table} (${columnList(columns, { constraints: true })},
    constraint ${table}__pk primary key (object_id, valid_from))`,
  `create index ${table}__key__ix on ${table} (${columns[0]!.name}, valid_from)`,
]);

const FIRST = [
  `create table load (
     load_key text constraint load__pk primary key,
     content_hash text not null,
     legal_entity_key text not null,
     posting_period text not null,
     posting_date date not null,
     currency text not null,
     line_count integer not null,
     loaded_at timestamptz not null default now()
   )`,
  `create index load__posting_date__ix on load (posting_date, load_key)`,
  `create table fact_time (${columnList(FACT_COLUMNS, { constraints: true })},
     constraint fact_time__pk primary key (posting_key))`,
  `create index fact_time__load_key__ix on fact_time (load_key)`,
  `create index fact_time__reverses__ix on fact_time (reverses) where reverses is not null`,
  `create index fact_time__work_date__ix on fact_time (work_date)`,
  `create index fact_time__project_key__ix on fact_time (project_key, work_date)`,
  // The revision outlives the segments: an object whose timeline shrank must not grow back from an older message.
  `create table dimension_revision (
     kind text not null, object_id text not null, revision bigint not null,
     constraint dimension_revision__pk primary key (kind, object_id))`,
  ...dimensionTables,
  `create table dim_date (
     day date constraint dim_date__pk primary key, month date not null, year integer not null, quarter integer not null,
     iso_week integer not null, iso_weekday integer not null, is_weekday boolean not null)`,
  `insert into dim_date
   select d::date, date_trunc('month', d)::date, extract(year from d), extract(quarter from d), extract(week from d),
     extract(isodow from d), extract(isodow from d) < 6
   from generate_series(date '2000-01-01', date '2059-12-31', interval '1 day') d`,
  ...STAR_VIEWS.map(({ name, sql }) => `create view ${name} as ${sql}`),
];

/** In order; an applied one is never changed. Only ever adding, so that an older build may write to a newer warehouse. */
export const MIGRATIONS: readonly (readonly string[])[] = [FIRST];
