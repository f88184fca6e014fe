import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MasterData1763860000001 implements MigrationInterface {
  readonly name = 'MasterData1763860000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table master_source_record (
        connection text not null,
        kind text not null,
        external_id text not null,
        code text not null,
        timeline jsonb not null,
        hash uuid not null,
        received_at timestamptz not null,
        missed boolean not null default false,
        absent_since timestamptz,
        constraint master_source_record__pk primary key (connection, kind, external_id)
      );
      create index master_source_record__code__ix on master_source_record (kind, code);

      create table canonical_object (
        id uuid not null,
        kind text not null,
        code text not null,
        revision integer not null,
        legal_entity_id text not null,
        body jsonb not null,
        changed_at timestamptz not null,
        constraint canonical_object__pk primary key (id),
        constraint canonical_object__revision__ck check (revision > 0)
      );
      create index canonical_object__code__ix on canonical_object (kind, code);

      create table cross_reference (
        connection text not null,
        kind text not null,
        external_id text not null,
        id uuid not null,
        constraint cross_reference__pk primary key (connection, kind, external_id)
      );
      create index cross_reference__object__ix on cross_reference (id);

      create table connection_state (
        connection text not null,
        state text not null,
        reason text,
        message text,
        since timestamptz,
        last_attempt_at timestamptz not null,
        constraint connection_state__pk primary key (connection),
        constraint connection_state__state__ck check (state in ('up', 'faulted') and (state = 'up') = (reason is null))
      );

      create table sync_state (
        connection text not null,
        kind text not null,
        last_success_at timestamptz not null,
        records integer not null,
        malformed integer not null,
        malformed_sample jsonb not null,
        constraint sync_state__pk primary key (connection, kind)
      );

      create table merged_policy (
        only_row boolean not null default true,
        digest text not null,
        merged_at timestamptz not null,
        constraint merged_policy__pk primary key (only_row),
        constraint merged_policy__one__ck check (only_row)
      );`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table merged_policy, sync_state, connection_state, cross_reference, canonical_object, master_source_record',
    );
  }
}
