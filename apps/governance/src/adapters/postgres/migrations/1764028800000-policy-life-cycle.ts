import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Bundles and their approvals, what was active when, one-off overrides, and commands that wait for a second person. */
export class PolicyLifeCycle1764028800000 implements MigrationInterface {
  name = 'PolicyLifeCycle1764028800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...BUNDLES, ...OVERRIDES, ...REQUESTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['operator_request', 'override_approval', 'override', 'activation', 'bundle_approval', 'bundle'])
      await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DROP FUNCTION bundle_files_stand()`);
  }
}

const BUNDLES = [
  `CREATE TABLE bundle (
    bundle_id        uuid        NOT NULL,
    digest           text,
    state            text        NOT NULL,
    author           text        NOT NULL,
    earlier_authors  text[]      NOT NULL,
    promoted_from    text,
    files            jsonb       NOT NULL,
    created_at       timestamptz NOT NULL,
    proposed_by      text,
    proposed_at      timestamptz,
    why              text,
    expires_at       timestamptz,
    effective_from   timestamptz,
    base_digest      text,
    parts            text[],
    emergency_reason text,
    emergency_by     text,
    closed_at        timestamptz,
    closed_by        text,
    closed_why       text,
    CONSTRAINT bundle__pk PRIMARY KEY (bundle_id),
    CONSTRAINT bundle__state__ck CHECK (state IN ('draft', 'proposed', 'approved', 'active', 'retired', 'withdrawn', 'rejected', 'expired')),
    CONSTRAINT bundle__digest__ck CHECK (digest IS NOT NULL OR state IN ('draft', 'withdrawn'))
  )`,
  `CREATE UNIQUE INDEX bundle__active__uq ON bundle (state) WHERE state = 'active'`,
  `CREATE UNIQUE INDEX bundle__open_digest__uq ON bundle (digest) WHERE state IN ('proposed', 'approved')`,
  `CREATE INDEX bundle__created__ix ON bundle (created_at DESC)`,
  // What was approved is what is activated: the text is fixed in the database, not only in the code.
  `CREATE FUNCTION bundle_files_stand() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NEW.files IS DISTINCT FROM OLD.files OR (NEW.digest IS DISTINCT FROM OLD.digest AND OLD.state <> 'draft') OR NEW.author <> OLD.author THEN
       RAISE EXCEPTION 'the files, digest and author of a bundle never change';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER bundle__files_stand BEFORE UPDATE ON bundle FOR EACH ROW EXECUTE FUNCTION bundle_files_stand()`,
  `CREATE TABLE bundle_approval (
    bundle_id uuid        NOT NULL,
    actor     text        NOT NULL,
    role      text        NOT NULL,
    digest    text        NOT NULL,
    at        timestamptz NOT NULL,
    CONSTRAINT bundle_approval__pk PRIMARY KEY (bundle_id, actor),
    CONSTRAINT bundle_approval__bundle__fk FOREIGN KEY (bundle_id) REFERENCES bundle
  )`,
  `CREATE TABLE activation (
    revision         int         NOT NULL,
    environment      text        NOT NULL,
    bundle_id        uuid        NOT NULL,
    digest           text        NOT NULL,
    cause            text        NOT NULL,
    activated_at     timestamptz NOT NULL,
    activated_by     text        NOT NULL,
    reason           text,
    parts            text[]      NOT NULL,
    emergency_reason text,
    emergency_by     text,
    review_due_at    timestamptz,
    reviewed_by      text,
    reviewed_at      timestamptz,
    review_note      text,
    message          jsonb       NOT NULL,
    CONSTRAINT activation__pk PRIMARY KEY (revision),
    CONSTRAINT activation__bundle__fk FOREIGN KEY (bundle_id) REFERENCES bundle,
    CONSTRAINT activation__cause__ck CHECK (cause IN ('first-start', 'approved', 'rollback'))
  )`,
];

const OVERRIDES = [
  `CREATE TABLE override (
    override_id     uuid        NOT NULL,
    entry_id        uuid        NOT NULL,
    legal_entity_id text        NOT NULL,
    reasons         text[]      NOT NULL,
    valid_until     timestamptz NOT NULL,
    why             text        NOT NULL,
    state           text        NOT NULL,
    requested_by    text        NOT NULL,
    requested_at    timestamptz NOT NULL,
    digest          text        NOT NULL,
    expires_at      timestamptz NOT NULL,
    revision        int         NOT NULL,
    closed_at       timestamptz,
    closed_by       text,
    closed_why      text,
    message         jsonb,
    CONSTRAINT override__pk PRIMARY KEY (override_id),
    CONSTRAINT override__state__ck CHECK (state IN ('requested', 'active', 'ended', 'rejected', 'withdrawn', 'expired'))
  )`,
  // The stream keeps one override per entry, so one may be in force.
  `CREATE UNIQUE INDEX override__entry__uq ON override (entry_id) WHERE state IN ('requested', 'active')`,
  `CREATE INDEX override__open__ix ON override (valid_until) WHERE state IN ('requested', 'active')`,
  `CREATE INDEX override__requested__ix ON override (requested_at DESC)`,
  `CREATE TABLE override_approval (
    override_id uuid        NOT NULL,
    actor       text        NOT NULL,
    role        text        NOT NULL,
    digest      text        NOT NULL,
    at          timestamptz NOT NULL,
    CONSTRAINT override_approval__pk PRIMARY KEY (override_id, actor),
    CONSTRAINT override_approval__override__fk FOREIGN KEY (override_id) REFERENCES override
  )`,
];

const REQUESTS = [
  `CREATE TABLE operator_request (
    request_id       uuid        NOT NULL,
    subject          text        NOT NULL,
    command          jsonb       NOT NULL,
    command_digest   text        NOT NULL,
    size             jsonb,
    why              text        NOT NULL,
    state            text        NOT NULL,
    requested_by     text        NOT NULL,
    requested_at     timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    approved_by      text,
    approved_at      timestamptz,
    grant_expires_at timestamptz,
    closed_at        timestamptz,
    closed_by        text,
    closed_why       text,
    outcome          jsonb,
    next_try_at      timestamptz,
    CONSTRAINT operator_request__pk PRIMARY KEY (request_id),
    CONSTRAINT operator_request__state__ck CHECK (state IN ('open', 'approved', 'done', 'failed', 'rejected', 'withdrawn', 'expired'))
  )`,
  `CREATE INDEX operator_request__waiting__ix ON operator_request (expires_at) WHERE state IN ('open', 'approved')`,
  `CREATE INDEX operator_request__requested__ix ON operator_request (requested_at DESC)`,
];
