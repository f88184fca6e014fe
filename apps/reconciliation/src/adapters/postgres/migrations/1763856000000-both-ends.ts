import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What our own services say of entries and lines (to explain, never to prove), the runs, and the differences found. */
export class BothEnds1763856000000 implements MigrationInterface {
  name = 'BothEnds1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE entry_status (
        entry_id        uuid        NOT NULL,
        decision_no     int         NOT NULL,
        state           text        NOT NULL,
        legal_entity_id text        NOT NULL,
        work_date       date,
        worker_code     text,
        project_code    text,
        hours           numeric,
        amount          numeric,
        currency        text,
        routes          text[]      NOT NULL,
        decided_at      timestamptz NOT NULL,
        CONSTRAINT entry_status__pk PRIMARY KEY (entry_id),
        CONSTRAINT entry_status__state__ck CHECK (state IN ('released', 'held', 'withdrawn'))
      ) PARTITION BY HASH (entry_id)`);
    for (let part = 0; part < 8; part++)
      await runner.query(
        `CREATE TABLE entry_status_p${part} PARTITION OF entry_status FOR VALUES WITH (MODULUS 8, REMAINDER ${part})`,
      );
    await runner.query(`
      CREATE TABLE ledger_line (
        posting_key     uuid        NOT NULL,
        entry_id        uuid        NOT NULL,
        destination     text        NOT NULL,
        kind            text        NOT NULL,
        document_key    uuid        NOT NULL,
        external_id     text        NOT NULL,
        posting_period  text        NOT NULL,
        work_date       date        NOT NULL,
        hours           numeric     NOT NULL,
        amount          numeric     NOT NULL,
        currency        text        NOT NULL,
        posted_at       timestamptz NOT NULL,
        confirmed_at    timestamptz,
        CONSTRAINT ledger_line__pk PRIMARY KEY (posting_key)
      )`);
    await runner.query(`CREATE INDEX ledger_line__window__ix ON ledger_line (destination, work_date)`);
    await runner.query(`
      CREATE TABLE stuck_line (
        posting_key uuid        NOT NULL,
        entry_id    uuid        NOT NULL,
        destination text        NOT NULL,
        stuck       boolean     NOT NULL,
        told_at     timestamptz NOT NULL,
        CONSTRAINT stuck_line__pk PRIMARY KEY (posting_key)
      )`);
    await runner.query(`
      CREATE TABLE refused_record (
        connection text        NOT NULL,
        record_key text        NOT NULL,
        refused    boolean     NOT NULL,
        told_at    timestamptz NOT NULL,
        CONSTRAINT refused_record__pk PRIMARY KEY (connection, record_key)
      )`);
    await runner.query(`
      CREATE TABLE reconciliation_run (
        run_id       uuid        NOT NULL,
        as_of        timestamptz NOT NULL,
        completed_at timestamptz NOT NULL,
        window_from  date        NOT NULL,
        window_to    date        NOT NULL,
        asked_by     text        NOT NULL,
        ties_out     boolean     NOT NULL,
        lines        jsonb       NOT NULL,
        failure      text,
        CONSTRAINT reconciliation_run__pk PRIMARY KEY (run_id)
      )`);
    await runner.query(`CREATE INDEX reconciliation_run__completed__ix ON reconciliation_run (completed_at DESC)`);
    await runner.query(`
      CREATE TABLE difference (
        difference_key  text        NOT NULL,
        run_id          uuid        NOT NULL,
        reason          text        NOT NULL,
        destination     text        NOT NULL,
        legal_entity_id text        NOT NULL,
        entry_id        uuid,
        detail          text        NOT NULL,
        hours           numeric     NOT NULL,
        amount          numeric     NOT NULL,
        currency        text        NOT NULL,
        found_at        timestamptz NOT NULL,
        resolved_at     timestamptz,
        CONSTRAINT difference__pk PRIMARY KEY (difference_key)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['difference', 'reconciliation_run', 'refused_record', 'stuck_line', 'ledger_line', 'entry_status'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
