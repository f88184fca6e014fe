import pg from 'pg';

export const databaseName = (service: string): string => service.replaceAll('-', '_');

/** One database and one role per service; a role can enter its own database only. Does what is missing. */
export const ensureDatabases = async (superuserUrl: string, passwords: Readonly<Record<string, string>>): Promise<void> => {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    for (const [service, password] of Object.entries(passwords)) {
      const name = databaseName(service);
      const quoted = client.escapeIdentifier(name);
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
      await client.query(
        `${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${quoted} LOGIN PASSWORD ${client.escapeLiteral(password)}`,
      );
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${quoted} OWNER ${quoted}`);
      await client.query(`REVOKE CONNECT ON DATABASE ${quoted} FROM PUBLIC`);
    }
  } finally {
    await client.end();
  }
};

export const databaseUrl = (superuserUrl: string, service: string, password: string): string => {
  const url = new URL(superuserUrl);
  url.username = databaseName(service);
  url.password = encodeURIComponent(password);
  url.pathname = `/${databaseName(service)}`;
  return url.href;
};
