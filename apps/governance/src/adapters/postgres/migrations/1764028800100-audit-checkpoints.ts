import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditCheckpoints1764028800100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_checkpoint (
        no bigint not null,
        at timestamptz not null,
        -- Names all chains, so that an export may begin here.
        complete boolean not null,
        body jsonb not null,
        constraint audit_checkpoint__pk primary key (no)
      )`);
    await runner.query('create index audit_checkpoint__at__ix on audit_checkpoint (at)');
    await runner.query(`
      create table audit_chain (
        chain text not null,
        context text not null,
        -- As signed last; 0: never.
        seq bigint not null,
        hash text not null,
        -- Why it is not signed any more, and where it was seen then.
        broken jsonb,
        -- Who said that it may go on from there.
        acknowledged jsonb,
        constraint audit_chain__pk primary key (chain)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['audit_chain', 'audit_checkpoint']) await runner.query(`drop table ${table}`);
  }
}
