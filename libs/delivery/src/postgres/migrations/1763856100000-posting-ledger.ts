import type { MigrationInterface, QueryRunner } from 'typeorm';

const PARTITIONS = 8;

/** Targets, the posting ledger, documents, attempts, and how each connection fares. */
export class PostingLedger1763856100000 implements MigrationInterface {
  name = 'PostingLedger1763856100000';

  async up(runner: QueryRunner): Promise<void> {
    // The latest release seen of an entry, whatever its routes were: an older one that arrives late must change nothing.
    await runner.query(`
      CREATE TABLE entry_release (
        entry_id   uuid NOT NULL,
        release_no int  NOT NULL,
        CONSTRAINT entry_release__pk PRIMARY KEY (entry_id)
      )`);
    await runner.query(`
      CREATE TABLE target (
        entry_id        uuid        NOT NULL,
        destination     text        NOT NULL,
        legal_entity_id text        NOT NULL,
        release_no      int         NOT NULL,
        content         jsonb,
        withdrawn       boolean     NOT NULL GENERATED ALWAYS AS (content IS NULL) STORED,
        traceparent     text,
        planning        text        NOT NULL,
        updated_at      timestamptz NOT NULL,
        CONSTRAINT target__pk PRIMARY KEY (entry_id, destination),
        CONSTRAINT target__planning__ck CHECK (planning IN ('dirty', 'waiting', 'clean'))
      )`);
    await runner.query(`CREATE INDEX target__dirty__ix ON target (updated_at) WHERE planning = 'dirty'`);
    await runner.query(`CREATE SEQUENCE posting_seq`);
    await runner.query(`
      CREATE TABLE posting (
        entry_id         uuid        NOT NULL,
        posting_key      uuid        NOT NULL,
        seq              bigint      NOT NULL DEFAULT nextval('posting_seq'),
        destination      text        NOT NULL,
        legal_entity_id  text        NOT NULL,
        release_no       int         NOT NULL,
        leg              text        NOT NULL,
        kind             text        NOT NULL,
        reverses         uuid,
        origin           text        NOT NULL,
        content          jsonb       NOT NULL,
        content_hash     uuid        NOT NULL,
        state            text        NOT NULL,
        document_key     uuid,
        account          text,
        balancing_account text,
        posting_period   text,
        posting_date     date,
        anchor_period    text,
        refused_periods  jsonb       NOT NULL DEFAULT '{}',
        blocked_reason   text,
        blocked_detail   text,
        recheck          boolean     NOT NULL DEFAULT false,
        message          text,
        traceparent      text,
        created_at       timestamptz NOT NULL,
        updated_at       timestamptz NOT NULL,
        CONSTRAINT posting__pk PRIMARY KEY (entry_id, posting_key),
        CONSTRAINT posting__state__ck CHECK (state IN ('pending', 'sending', 'posted', 'confirmed', 'rejected', 'unknown', 'cancelled')),
        CONSTRAINT posting__kind__ck CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
      ) PARTITION BY HASH (entry_id)`);
    for (let n = 0; n < PARTITIONS; n++) {
      await runner.query(
        `CREATE TABLE posting_p${n} PARTITION OF posting FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${n}) WITH (fillfactor = 80)`,
      );
    }
    await runner.query(`CREATE INDEX posting__posting_key__ix ON posting (posting_key)`);
    await runner.query(`CREATE INDEX posting__document_key__ix ON posting (document_key) WHERE document_key IS NOT NULL`);
    await runner.query(
      `CREATE INDEX posting__freezable__ix ON posting (destination, seq) WHERE state = 'pending' AND document_key IS NULL`,
    );
    await runner.query(`CREATE INDEX posting__blocked__ix ON posting (legal_entity_id) WHERE blocked_reason IS NOT NULL`);
    // Content is forever; only state and what belongs to it may change.
    await runner.query(`
      CREATE FUNCTION posting_content_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the content of posting % never changes', OLD.posting_key;
      END $$`);
    await runner.query(`
      CREATE TRIGGER posting__content__tr BEFORE UPDATE OF content, content_hash, release_no, leg, kind, reverses, destination, legal_entity_id ON posting
      FOR EACH ROW EXECUTE FUNCTION posting_content_never_changes()`);
    await runner.query(`
      CREATE TABLE document (
        document_key      uuid        NOT NULL,
        destination       text        NOT NULL,
        legal_entity_id   text        NOT NULL,
        currency          text        NOT NULL,
        posting_period    text        NOT NULL,
        posting_date      date        NOT NULL,
        content_hash      uuid        NOT NULL,
        posting_keys      uuid[]      NOT NULL,
        totals            jsonb       NOT NULL,
        split_from        uuid,
        state             text        NOT NULL,
        exposed           boolean     NOT NULL DEFAULT false,
        fence             int         NOT NULL DEFAULT 0,
        lease_until       timestamptz,
        attempts          int         NOT NULL DEFAULT 0,
        look_ups          int         NOT NULL DEFAULT 0,
        next_attempt_at   timestamptz,
        draft_id          text,
        discard_draft     boolean     NOT NULL DEFAULT false,
        external_id       text,
        unknown_since     timestamptz,
        unknown_why       text,
        absence_counts_at timestamptz,
        message           text,
        traceparent       text,
        frozen_at         timestamptz NOT NULL,
        posted_at         timestamptz,
        confirmed_at      timestamptz,
        CONSTRAINT document__pk PRIMARY KEY (document_key),
        CONSTRAINT document__state__ck CHECK (state IN ('frozen', 'sending', 'unknown', 'posted', 'confirmed', 'rejected', 'dissolved'))
      )`);
    await runner.query(`CREATE INDEX document__frozen__ix ON document (destination, frozen_at) WHERE state = 'frozen'`);
    await runner.query(`CREATE INDEX document__sending__ix ON document (destination, lease_until) WHERE state = 'sending'`);
    await runner.query(`CREATE INDEX document__unknown__ix ON document (destination, next_attempt_at) WHERE state = 'unknown'`);
    await runner.query(`CREATE INDEX document__posted__ix ON document (destination, next_attempt_at) WHERE state = 'posted'`);
    await runner.query(`CREATE INDEX document__discard__ix ON document (destination) WHERE discard_draft`);
    await runner.query(`
      CREATE TABLE attempt (
        id           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
        document_key uuid        NOT NULL,
        fence        int         NOT NULL,
        step         text        NOT NULL,
        outcome      text        NOT NULL,
        detail       text,
        instance     text        NOT NULL,
        at           timestamptz NOT NULL,
        CONSTRAINT attempt__pk PRIMARY KEY (id)
      )`);
    await runner.query(`CREATE INDEX attempt__document_key__ix ON attempt (document_key)`);
    await runner.query(`
      CREATE TABLE connection_state (
        connection    text NOT NULL,
        failures      int  NOT NULL DEFAULT 0,
        retry_at      timestamptz,
        fault_reason  text,
        fault_since   timestamptz,
        CONSTRAINT connection_state__pk PRIMARY KEY (connection)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE connection_state, attempt, document, posting, target, entry_release`);
    await runner.query(`DROP FUNCTION posting_content_never_changes()`);
    await runner.query(`DROP SEQUENCE posting_seq`);
  }
}
