import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Objects are found under their old codes too. Few have any, so the index is small and costs the others nothing. */
export class FormerCodes1763985600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index master_object__former_code__ix on master_object using gin (jsonb_path_query_array(body, '$.formerCodes[*].code'))
      where body ? 'formerCodes'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index master_object__former_code__ix');
  }
}
