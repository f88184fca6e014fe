import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a source sent may be removed when policy says so; hash and keys stay, so that the same copy is not taken for a new one. */
export class ErasedSourceRecords1764090000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table source_record add column erased_at timestamptz');
    await runner.query('create index source_record__kept__ix on source_record (received_at) where erased_at is null');
    await runner.query('alter table refused_record add column erased_at timestamptz');
    await runner.query('create index refused_record__kept__ix on refused_record (refused_at) where erased_at is null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index source_record__kept__ix');
    await runner.query('drop index refused_record__kept__ix');
    await runner.query('alter table source_record drop column erased_at');
    await runner.query('alter table refused_record drop column erased_at');
  }
}
