import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Handoffs1764050000000 implements MigrationInterface {
  readonly name = 'Handoffs1764050000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table handoff (
        opportunity_id uuid not null,
        opportunity_code text not null,
        opportunity_revision integer not null,
        legal_entity_id text not null,
        state text not null,
        project_code text,
        body jsonb not null,
        stuck boolean not null,
        changed_at timestamptz not null,
        due_at timestamptz,
        constraint handoff__pk primary key (opportunity_id),
        constraint handoff__state__ck
          check (state in ('incomplete', 'creating', 'confirming', 'done', 'stopped', 'failed', 'withdrawn'))
      );
      -- Two opportunities never become one project, whoever decides at the same time.
      create unique index handoff__project_code__uq on handoff (project_code) where project_code is not null;
      create index handoff__code__ix on handoff (opportunity_code);
      create index handoff__due_at__ix on handoff (due_at) where due_at is not null;
      create index canonical_object__won__ix on canonical_object (id)
        where kind = 'opportunity' and body @> '{"timeline": [{"attributes": {"stage": "won"}}]}';

      create table handoff_attempt (
        id bigint generated always as identity,
        opportunity_id uuid not null,
        connection text not null,
        fence bigint not null,
        at timestamptz not null,
        what text not null,
        detail text,
        constraint handoff_attempt__pk primary key (id),
        constraint handoff_attempt__what__ck check (what in ('sent', 'there', 'refused', 'unknown', 'not-done'))
      );
      create index handoff_attempt__opportunity__ix on handoff_attempt (opportunity_id, id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index canonical_object__won__ix; drop table handoff_attempt, handoff');
  }
}
