import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { IsIn, IsNotEmpty, IsOptional, Matches, ValidateBy, validateSync } from 'class-validator';
import { BootProblem } from './boot-problem.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ServiceConfig {
  readonly databaseUrl: string;
  /** Past any pooler: LISTEN needs a session of its own. */
  readonly databaseDirectUrl: string;
  readonly nats: { readonly servers: string; readonly user?: string; readonly password?: string };
  /** 0: any free port. */
  readonly httpPort: number;
  readonly httpHost: string;
  readonly oidcIssuer: string;
  readonly oidcAudience: string;
  readonly policyDir: string;
  /** Whose policy activations count here: 'dev', 'test', 'production', ... */
  readonly environment: string;
  /** PEM file with governance's public keys; without it nothing that governance says is taken. */
  readonly governancePublicKeys: string | undefined;
  readonly logLevel: string;
  readonly instanceId: string;
  readonly sweepEveryMs: number;
  /** Events younger than this may still be on their way and are not compared. */
  readonly sweepSettleMs: number;
  /** By how much this process's clock is wrong, for fault injection; 0 everywhere else. */
  readonly clockOffsetMs: number;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const Expect = (message: string, valid: (value: string) => boolean): PropertyDecorator =>
  ValidateBy(
    { name: 'expect', validator: { validate: (value: unknown) => typeof value === 'string' && valid(value) } },
    { message },
  );

const isUrl = (value: string, protocols: readonly string[]): boolean => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && url.hostname !== '' && protocols.includes(url.protocol);
};
const isWholeNumber = (value: string, min: number, max: number): boolean =>
  /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max;
const IsWholeNumber = (min: number, max: number) =>
  Expect(`a whole number from ${min} to ${max}`, (value) => isWholeNumber(value, min, max));
const IsOffset = (max: number) =>
  Expect(`a whole number from -${max} to ${max}`, (value) => isWholeNumber(value.replace(/^-/, ''), 0, max));
const IsDatabaseUrl = () =>
  Expect('a PostgreSQL URL such as postgres://user:password@host:5432/database', (value) =>
    isUrl(value, ['postgres:', 'postgresql:']),
  );

/** One property per variable. The message of each rule is the expectation that is shown. */
class Variables {
  @IsDatabaseUrl()
  DATABASE_URL: string;

  @IsOptional()
  @IsDatabaseUrl()
  DATABASE_DIRECT_URL?: string;

  @Expect('one or more NATS URLs such as nats://host:4222, separated by commas', (value) =>
    value.split(',').every((part) => isUrl(part.trim(), ['nats:', 'tls:'])),
  )
  NATS_URL: string;

  @IsWholeNumber(0, 65_535)
  HTTP_PORT: string;

  @IsNotEmpty({ message: 'an address to listen on' })
  HTTP_HOST = '127.0.0.1';

  @Expect('the http(s) URL of the OpenID provider', (value) => isUrl(value, ['http:', 'https:']))
  OIDC_ISSUER: string;

  @IsNotEmpty({ message: 'the audience that tokens must carry' })
  OIDC_AUDIENCE = 'tieout';

  @Expect('the folder of the policy bundle', (value) => statSync(value, { throwIfNoEntry: false })?.isDirectory() ?? false)
  POLICY_DIR: string;

  @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/, { message: 'a name of small letters, digits and "-", such as production' })
  ENVIRONMENT = 'local';

  @IsOptional()
  @Expect(
    'the PEM file with the public keys of governance',
    (value) => statSync(value, { throwIfNoEntry: false })?.isFile() ?? false,
  )
  GOVERNANCE_PUBLIC_KEYS?: string;

  @IsIn(LOG_LEVELS, { message: `one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL = 'info';

  @IsNotEmpty({ message: 'a name unique to this replica' })
  INSTANCE_ID = randomUUID().slice(0, 8);

  @IsWholeNumber(100, 86_400_000)
  SWEEP_EVERY_MS = '30000';

  @IsWholeNumber(0, 86_400_000)
  SWEEP_SETTLE_MS = '10000';

  @IsOffset(86_400_000)
  CLOCK_OFFSET_MS = '0';
}

const MAY_HOLD_A_PASSWORD: ReadonlySet<string> = new Set(['DATABASE_URL', 'DATABASE_DIRECT_URL', 'NATS_URL']);

const shown = (name: string, value: string): string =>
  MAY_HOLD_A_PASSWORD.has(name) ? 'wrong (its value is not shown, it may hold a password)' : JSON.stringify(value);

function variablesFrom(env: Environment): Variables {
  const variables = new Variables();
  const names = ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'NATS_URL', 'HTTP_PORT', 'HTTP_HOST', 'OIDC_ISSUER', 'OIDC_AUDIENCE', 'POLICY_DIR', 'ENVIRONMENT',
    'GOVERNANCE_PUBLIC_KEYS', 'LOG_LEVEL', 'INSTANCE_ID', 'SWEEP_EVERY_MS', 'SWEEP_SETTLE_MS', 'CLOCK_OFFSET_MS'] as const; // prettier-ignore
  for (const name of names) {
    const value = env[name];
    // Set but empty is how shells and charts spell "not set".
    if (value !== undefined && value !== '') variables[name] = value;
  }
  return variables;
}

/** @throws BootProblem naming every wrong variable at once: its value (unless it may be secret) and what is expected. */
export function readConfig(env: Environment): ServiceConfig {
  const variables = variablesFrom(env);
  const problems = validateSync(variables).map(({ property, value, constraints }) => {
    const expected = Object.values(constraints ?? {})[0];
    return `${property} is ${value === undefined ? 'missing' : shown(property, String(value))}: expected ${expected}`;
  });
  if (problems.length > 0) throw new BootProblem(problems);
  return {
    databaseUrl: variables.DATABASE_URL,
    databaseDirectUrl: variables.DATABASE_DIRECT_URL ?? variables.DATABASE_URL,
    nats: natsOf(variables.NATS_URL),
    httpPort: Number(variables.HTTP_PORT),
    httpHost: variables.HTTP_HOST,
    oidcIssuer: variables.OIDC_ISSUER,
    oidcAudience: variables.OIDC_AUDIENCE,
    policyDir: variables.POLICY_DIR,
    environment: variables.ENVIRONMENT,
    governancePublicKeys: variables.GOVERNANCE_PUBLIC_KEYS,
    logLevel: variables.LOG_LEVEL,
    instanceId: variables.INSTANCE_ID,
    sweepEveryMs: Number(variables.SWEEP_EVERY_MS),
    sweepSettleMs: Number(variables.SWEEP_SETTLE_MS),
    clockOffsetMs: Number(variables.CLOCK_OFFSET_MS),
  };
}

/** The client wants user and password beside the addresses, not in them. */
function natsOf(text: string): ServiceConfig['nats'] {
  const urls = text.split(',').map((part) => new URL(part.trim()));
  const servers = urls.map((url) => `${url.protocol}//${url.host}`).join(',');
  const { username, password } = urls[0]!;
  return username === '' ? { servers } : { servers, user: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** The only place of a service that reads process.env. */
export const processEnvironment = (): Environment => Object.freeze({ ...process.env });
