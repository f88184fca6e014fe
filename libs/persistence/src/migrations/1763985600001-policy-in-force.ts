import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What governance told this service last: the bundle that it starts with, and the grants that it has used up. */
export class PolicyInForce1763985600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table policy_in_force (
        environment text not null,
        revision bigint not null,
        digest text not null,
        -- As governance signed them, so that they are verified again at each start.
        activation jsonb not null,
        previous jsonb,
        taken_at timestamptz not null default now(),
        constraint policy_in_force__pk primary key (environment)
      )`);
    await runner.query(`
      create table policy_refusal (
        environment text not null,
        why text not null,
        refused_at timestamptz not null,
        constraint policy_refusal__pk primary key (environment)
      )`);
    await runner.query(`
      create table used_grant (
        request_id uuid not null,
        command_digest text not null,
        -- Which attempt used it: whoever failed gives back its own use only.
        use_id uuid not null,
        used_at timestamptz not null,
        constraint used_grant__pk primary key (request_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['used_grant', 'policy_refusal', 'policy_in_force']) await runner.query(`drop table ${table}`);
  }
}
