import pg from 'pg';

export const databaseName = (service: string): string => service.replaceAll('-', '_');

/** Who owns a service's tables and migrates them. The service itself only reads and writes rows, so it cannot take a trigger away. */
export const ownerOf = (service: string): string => `${service}-owner`;

const RIGHTS = { TABLES: 'SELECT, INSERT, UPDATE, DELETE', SEQUENCES: 'USAGE, SELECT, UPDATE' } as const;

const onServer = async (url: string, work: (client: pg.Client) => Promise<void>): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
};

/** One database and two roles per service; they can enter their own database only. Does what is missing. */
export const ensureDatabases = async (
  superuserUrl: string,
  services: readonly string[],
  passwords: Readonly<Record<string, string>>,
): Promise<void> => {
  for (const service of services) {
    const name = databaseName(service);
    const [role, owner] = [pg.escapeIdentifier(name), pg.escapeIdentifier(databaseName(ownerOf(service)))];
    await onServer(superuserUrl, async (client) => {
      for (const user of [service, ownerOf(service)]) await ensureRole(client, databaseName(user), passwords[user]!);
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${role} OWNER ${owner}`);
      await client.query(`REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`);
    });
    await onServer(Object.assign(new URL(superuserUrl), { pathname: `/${name}` }).href, async (client) => {
      for (const [things, rights] of Object.entries(RIGHTS))
        await client.query(`ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT ${rights} ON ${things} TO ${role}`);
      await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
      await handOver(client, name, role, owner);
      // Last: what it had as the owner went with the ownership.
      await client.query(`GRANT CONNECT ON DATABASE ${role} TO ${role}`);
    });
  }
};

const ensureRole = async (client: pg.Client, name: string, password: string): Promise<void> => {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${pg.escapeIdentifier(name)} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
};

/** Of a database that was made when the service owned its tables itself. The migration that follows closes the audit tables again. */
const handOver = async (client: pg.Client, name: string, role: string, owner: string): Promise<void> => {
  const { rowCount } = await client.query(
    'SELECT 1 FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = $1 AND r.rolname = $1',
    [name],
  );
  if (rowCount === 0) return;
  await client.query(`REASSIGN OWNED BY ${role} TO ${owner}`);
  for (const [things, rights] of Object.entries(RIGHTS))
    await client.query(`GRANT ${rights} ON ALL ${things} IN SCHEMA public TO ${role}`);
};

/** @param role the service's own (the default), or its owner's */
export const databaseUrl = (superuserUrl: string, service: string, password: string, role = service): string => {
  const url = new URL(superuserUrl);
  url.username = databaseName(role);
  url.password = encodeURIComponent(password);
  url.pathname = `/${databaseName(service)}`;
  return url.href;
};
