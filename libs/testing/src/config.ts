/** Set by the global setup of a test run (src/global-setup.ts) and inherited by its workers. */
const POSTGRES_URL = 'TIEOUT_TEST_POSTGRES_URL';
const RUN_FOLDER = 'TIEOUT_TEST_RUN_FOLDER';

export interface TestRun {
  postgresUrl: string;
  folder: string;
}

export function testRun(): TestRun {
  const postgresUrl = process.env[POSTGRES_URL];
  const folder = process.env[RUN_FOLDER];
  if (!postgresUrl || !folder) {
    throw new Error(
      'no PostgreSQL for tests: it is started for integration tests only. Run: npm run test-int (TIEOUT_TEST_KIND=int)',
    );
  }
  return { postgresUrl, folder };
}

export function setTestRun(run: TestRun | undefined): void {
  if (run) {
    process.env[POSTGRES_URL] = run.postgresUrl;
    process.env[RUN_FOLDER] = run.folder;
  } else {
    delete process.env[POSTGRES_URL];
    delete process.env[RUN_FOLDER];
  }
}
