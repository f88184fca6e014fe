import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Outbox1763850000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outbox (
        id bigserial,
        event_id uuid not null,
        type text not null,
        subject text not null,
        revision bigint,
        body jsonb not null,
        traceparent text,
        created_at timestamptz not null,
        bucket bigint not null,
        emission integer not null default 1,
        claimed_until timestamptz,
        published_at timestamptz,
        matched_by text[] not null default '{}',
        constraint outbox__pk primary key (id)
      )`);
    // The only other index: the relay's. It holds what waits, so it stays small however many rows wait for their receipts.
    await runner.query(`create index outbox__unpublished__ix on outbox (id) where published_at is null`);
    // Every row is updated twice and deleted within minutes: clean up early, and leave room on the page for the new row versions.
    await runner.query(
      `alter table outbox set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_scale_factor = 0.2)`,
    );
    await runner.query(
      `comment on column outbox.revision is 'of the master object: a higher one on the same subject supersedes'`,
    );
    await runner.query(
      `comment on column outbox.bucket is 'minute of created_at since the epoch: what the completeness sweep compares by'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table outbox');
  }
}
