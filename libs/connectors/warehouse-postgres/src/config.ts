import { ConfigProblem, SettingsReader, type ConnectionSettings } from '@tieout/connector-kit';

export interface WarehouseConfig {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly schema: string;
  readonly requestTimeoutMs: number;
}

/** Also the deadline in the posting capabilities: a later answer is an unknown outcome. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** What needs no quoting: analysts write it by hand. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

const isPostgresUrl = (text: string): boolean => {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  return protocol === 'postgres:' || protocol === 'postgresql:';
};

export const parseWarehouseConfig = (settings: ConnectionSettings): WarehouseConfig => {
  const read = new SettingsReader(settings);
  const config = {
    url: read.text('url'),
    schema: read.text('schema', 'tieout'),
    requestTimeoutMs: read.integer('requestTimeoutMs', REQUEST_TIMEOUT_MS, { min: 200, max: REQUEST_TIMEOUT_MS }),
  };
  const problems = [
    // The address holds a password: it is never shown.
    ...(config.url !== '' && !isPostgresUrl(config.url)
      ? ['setting "url" is no address of a PostgreSQL database: expected postgres://user:password@host:port/database']
      : []),
    ...(config.schema !== '' && !SCHEMA.test(config.schema)
      ? ['setting "schema" is no plain name: expected lower-case letters, digits and underscores']
      : []),
  ];
  try {
    read.done();
  } catch (problem) {
    throw problem instanceof ConfigProblem ? new ConfigProblem([...problem.problems, ...problems]) : problem;
  }
  if (problems.length > 0) throw new ConfigProblem(problems);
  return config;
};
