export interface MigrationConfig {
  readonly databaseUrl: string;
}

/** @throws Error that names the variable and what is expected, never the value. */
export const readMigrationConfig = (env: Readonly<Record<string, string | undefined>> = process.env): MigrationConfig => {
  const databaseUrl = env['DATABASE_DIRECT_URL'] ?? env['DATABASE_URL'];
  if (!databaseUrl || !/^postgres(ql)?:\/\//.test(databaseUrl))
    throw new Error(
      'DATABASE_URL must be a PostgreSQL address, for example postgres://user:password@127.0.0.1:5432/time_ingestion',
    );
  return { databaseUrl };
};
