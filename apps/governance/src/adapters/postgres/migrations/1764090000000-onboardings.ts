import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Legal entities on their way in. Each step's state is computed; what is kept is what was asked for and what was done. */
export class Onboardings1764090000000 implements MigrationInterface {
  readonly name = 'Onboardings1764090000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table onboarding (
        onboarding_id uuid not null,
        legal_entity text not null,
        request jsonb not null,
        bundle_id uuid not null,
        base_digest text not null,
        notes text[] not null,
        started_by text not null,
        started_at timestamptz not null,
        constraint onboarding__pk primary key (onboarding_id),
        -- A legal entity is acquired once; whoever begins anew attaches another bundle.
        constraint onboarding__legal_entity__uq unique (legal_entity)
      )`);
    await runner.query(`
      create table onboarding_action (
        id bigint generated always as identity,
        onboarding_id uuid not null,
        kind text not null,
        feed text,
        destination text,
        by_actor text not null,
        at timestamptz not null,
        request_id uuid,
        answer jsonb,
        constraint onboarding_action__pk primary key (id),
        constraint onboarding_action__kind__ck check (kind in ('redraft', 'propose', 'lock', 'rehearse', 'adopt', 'open'))
      )`);
    await runner.query('create index onboarding_action__onboarding__ix on onboarding_action (onboarding_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table onboarding_action, onboarding');
  }
}
