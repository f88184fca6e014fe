import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a bundle would change about recent entries, and which of these an approver could see. */
export class BundlePlans1764028800200 implements MigrationInterface {
  name = 'BundlePlans1764028800200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE bundle_plan (
        plan_id     uuid        NOT NULL,
        bundle_id   uuid        NOT NULL,
        asked_by    text        NOT NULL,
        asked_at    timestamptz NOT NULL,
        days        int         NOT NULL,
        state       text        NOT NULL,
        done        int         NOT NULL,
        total       int         NOT NULL,
        problem     text,
        report      jsonb,
        finished_at timestamptz,
        CONSTRAINT bundle_plan__pk PRIMARY KEY (plan_id),
        CONSTRAINT bundle_plan__bundle__fk FOREIGN KEY (bundle_id) REFERENCES bundle,
        CONSTRAINT bundle_plan__state__ck CHECK (state IN ('running', 'done', 'failed'))
      )`);
    await runner.query(`CREATE UNIQUE INDEX bundle_plan__running__uq ON bundle_plan (bundle_id) WHERE state = 'running'`);
    await runner.query(`CREATE INDEX bundle_plan__bundle__ix ON bundle_plan (bundle_id, asked_at DESC)`);
    await runner.query(`ALTER TABLE bundle_approval ADD COLUMN plan_id uuid REFERENCES bundle_plan`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE bundle_approval DROP COLUMN plan_id`);
    await runner.query(`DROP TABLE bundle_plan`);
  }
}
