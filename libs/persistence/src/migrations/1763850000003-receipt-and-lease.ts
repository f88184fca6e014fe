import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ReceiptAndLease1763850000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table receipt (
        producer text not null,
        bucket bigint not null,
        event_id uuid not null,
        received_at timestamptz not null default now(),
        constraint receipt__pk primary key (producer, bucket, event_id)
      )`);
    await runner.query(`
      create table lease (
        name text not null,
        owner text not null,
        fence bigint not null,
        expires_at timestamptz not null,
        constraint lease__pk primary key (name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table lease');
    await runner.query('drop table receipt');
  }
}
