import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What contradicts its system of record, what people decided to be one, and how objects are found by another name than their code. */
export class GovernedMasterData1764000000002 implements MigrationInterface {
  readonly name = 'GovernedMasterData1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table master_drift (
        kind text not null,
        code text not null,
        attribute text not null,
        connection text not null,
        legal_entity_id text not null,
        owner text not null,
        owner_value text,
        value text,
        since timestamptz not null,
        constraint master_drift__pk primary key (kind, code, attribute, connection)
      );

      create table merge_decision (
        id uuid not null,
        kind text not null,
        from_id uuid not null,
        from_code text not null,
        into_id uuid not null,
        into_code text not null,
        valid_from date not null,
        why text not null,
        decided_by text not null,
        decided_at timestamptz not null,
        undone_why text,
        undone_by text,
        undone_at timestamptz,
        constraint merge_decision__pk primary key (id),
        constraint merge_decision__undone__ck check ((undone_at is null) = (undone_by is null) and (undone_at is null) = (undone_why is null))
      );
      create unique index merge_decision__standing__uq on merge_decision (from_id) where undone_at is null;
      create index merge_decision__kind__ix on merge_decision (kind) where undone_at is null;

      alter table connection_state add column failures integer not null default 0;

      create index canonical_object__former_code__ix on canonical_object
        using gin (jsonb_path_query_array(body, '$.formerCodes[*].code')) where body ? 'formerCodes';
      create index canonical_object__person__ix on canonical_object
        ((jsonb_path_query_first(body, '$.timeline[last].attributes.person') #>> '{}')) where kind = 'worker';
      create index canonical_object__user_name__ix on canonical_object
        using gin (jsonb_path_query_array(body, '$.timeline[*].attributes.userName')) where kind = 'worker';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index canonical_object__user_name__ix;
      drop index canonical_object__person__ix;
      drop index canonical_object__former_code__ix;
      alter table connection_state drop column failures;
      drop table merge_decision;
      drop table master_drift;`);
  }
}
