import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MasterObject1763850000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table master_object (
        kind text not null,
        id uuid not null,
        code text not null,
        revision bigint not null,
        legal_entity_id text not null,
        body jsonb not null,
        constraint master_object__pk primary key (kind, id)
      )`);
    // Not unique: two objects may claim one code for a while; the reader then says ambiguous.
    await runner.query(`create index master_object__code__ix on master_object (kind, code)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table master_object');
  }
}
