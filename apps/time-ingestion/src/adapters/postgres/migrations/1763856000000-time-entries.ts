import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Source records as sent, canonical entries, their immutable versions, and where each connection was read to. */
export class TimeEntries1763856000000 implements MigrationInterface {
  name = 'TimeEntries1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE source_record (
        connection        text        NOT NULL,
        source_id         text        NOT NULL,
        payload_hash      uuid        NOT NULL,
        payload           jsonb       NOT NULL,
        source_updated_at timestamptz,
        source_revision   bigint,
        received_at       timestamptz NOT NULL,
        CONSTRAINT source_record__pk PRIMARY KEY (connection, source_id, payload_hash)
      )`);
    await runner.query(`
      CREATE TABLE refused_record (
        connection  text        NOT NULL,
        record_key  text        NOT NULL,
        where_      text        NOT NULL,
        why         text        NOT NULL,
        payload     jsonb       NOT NULL,
        refused_at  timestamptz NOT NULL,
        mended_at   timestamptz,
        CONSTRAINT refused_record__pk PRIMARY KEY (connection, record_key)
      )`);
    await runner.query(`
      CREATE TABLE time_entry (
        entry_id          uuid        NOT NULL,
        connection        text        NOT NULL,
        source_id         text        NOT NULL,
        legal_entity_id   text        NOT NULL,
        version_no        int         NOT NULL,
        version_hash      uuid        NOT NULL,
        content           jsonb       NOT NULL,
        approval          jsonb,
        deleted           boolean     NOT NULL,
        worker_code       text        NOT NULL,
        work_date         date        NOT NULL,
        hours             numeric     NOT NULL,
        source_updated_at timestamptz,
        source_revision   bigint,
        version_received_at timestamptz NOT NULL,
        last_seen_at      timestamptz NOT NULL,
        verdict           text        NOT NULL,
        release_no        int         NOT NULL,
        decision_no       int         NOT NULL,
        released_version  int,
        released_hash     uuid,
        refusals          jsonb,
        refusals_hash     uuid,
        policy_digest     text,
        depends_on        text[]      NOT NULL DEFAULT '{}',
        needs_assessment  boolean     NOT NULL,
        assess_after      timestamptz,
        traceparent       text,
        CONSTRAINT time_entry__pk PRIMARY KEY (entry_id),
        CONSTRAINT time_entry__verdict__ck CHECK (verdict IN ('none','waiting','released','held','withdrawn'))
      ) PARTITION BY HASH (entry_id)`);
    for (let part = 0; part < 8; part++)
      await runner.query(
        `CREATE TABLE time_entry_p${part} PARTITION OF time_entry FOR VALUES WITH (MODULUS 8, REMAINDER ${part})`,
      );
    await runner.query(
      `CREATE INDEX time_entry__needs_assessment__ix ON time_entry (assess_after NULLS FIRST) WHERE needs_assessment`,
    );
    await runner.query(`CREATE INDEX time_entry__depends_on__ix ON time_entry USING gin (depends_on)`);
    await runner.query(`CREATE INDEX time_entry__day__ix ON time_entry (worker_code, work_date)`);
    await runner.query(`CREATE INDEX time_entry__sweep__ix ON time_entry (connection, work_date) WHERE NOT deleted`);
    await runner.query(`
      CREATE TABLE time_entry_version (
        entry_id          uuid        NOT NULL,
        version_no        int         NOT NULL,
        version_hash      uuid        NOT NULL,
        content           jsonb       NOT NULL,
        approval          jsonb,
        deleted           boolean     NOT NULL,
        source_updated_at timestamptz,
        source_revision   bigint,
        received_at       timestamptz NOT NULL,
        traceparent       text,
        CONSTRAINT time_entry_version__pk PRIMARY KEY (entry_id, version_no)
      ) PARTITION BY HASH (entry_id)`);
    for (let part = 0; part < 8; part++)
      await runner.query(
        `CREATE TABLE time_entry_version_p${part} PARTITION OF time_entry_version FOR VALUES WITH (MODULUS 8, REMAINDER ${part})`,
      );
    await runner.query(`
      CREATE TABLE decision (
        entry_id        uuid        NOT NULL,
        decision_no     int         NOT NULL,
        version_no      int         NOT NULL,
        release_no      int,
        kind            text        NOT NULL,
        body            jsonb       NOT NULL,
        policy_digest   text        NOT NULL,
        decided_at      timestamptz NOT NULL,
        CONSTRAINT decision__pk PRIMARY KEY (entry_id, decision_no)
      ) PARTITION BY HASH (entry_id)`);
    for (let part = 0; part < 8; part++)
      await runner.query(`CREATE TABLE decision_p${part} PARTITION OF decision FOR VALUES WITH (MODULUS 8, REMAINDER ${part})`);
    await runner.query(`
      CREATE TABLE source_cursor (
        connection    text        NOT NULL,
        cursor        jsonb,
        caught_up_at  timestamptz,
        swept_at      timestamptz,
        fault_reason  text,
        fault_message text,
        fault_since   timestamptz,
        CONSTRAINT source_cursor__pk PRIMARY KEY (connection)
      )`);
    await runner.query(`
      CREATE TABLE webhook_hint (
        connection  text        NOT NULL,
        delivery_id text        NOT NULL,
        source_ids  text[]      NOT NULL,
        received_at timestamptz NOT NULL,
        taken_at    timestamptz,
        CONSTRAINT webhook_hint__pk PRIMARY KEY (connection, delivery_id)
      )`);
    await runner.query(`CREATE INDEX webhook_hint__waiting__ix ON webhook_hint (connection, received_at) WHERE taken_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'webhook_hint',
      'source_cursor',
      'decision',
      'time_entry_version',
      'time_entry',
      'refused_record',
      'source_record',
    ])
      await runner.query(`DROP TABLE ${table}`);
  }
}
