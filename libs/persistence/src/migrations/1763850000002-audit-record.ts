import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditRecord1763850000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_record (
        id bigserial,
        at timestamptz not null,
        actor text not null,
        action text not null,
        subject_kind text not null,
        subject_id text not null,
        legal_entity_id text not null,
        before jsonb,
        after jsonb,
        policy_digest text,
        reason text,
        traceparent text,
        constraint audit_record__pk primary key (id)
      )`);
    await runner.query(`create index audit_record__subject__ix on audit_record (subject_kind, subject_id)`);
    await runner.query(`
      create function audit_record_is_append_only() returns trigger language plpgsql as $$
      begin
        raise exception 'audit_record is append-only: % refused', tg_op using errcode = 'restrict_violation';
      end $$`);
    await runner.query(`
      create trigger audit_record__no_change before update or delete on audit_record
        for each row execute function audit_record_is_append_only()`);
    await runner.query(`
      create trigger audit_record__no_truncate before truncate on audit_record
        for each statement execute function audit_record_is_append_only()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table audit_record');
    await runner.query('drop function audit_record_is_append_only()');
  }
}
