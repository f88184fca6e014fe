import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { wrongUse } from './failure.js';

export const SERVICES = [
  'master-data-sync',
  'time-ingestion',
  'erp-posting',
  'payroll-feed',
  'analytics-feed',
  'reconciliation',
  'exception-management',
  'governance',
] as const;
export type Service = (typeof SERVICES)[number];

/** Where an environment is and how one signs in there. The local runner writes one to `<data folder>/cli.json`. */
export interface Profile {
  /** The file it came from; undefined: the environment variables alone. */
  readonly file?: string;
  readonly environment?: string;
  readonly issuer?: string;
  readonly urls: Readonly<Partial<Record<Service, string>>>;
  /** OpenID clients one may act as; the first one is used without --as. */
  readonly clients: readonly string[];
  /** JSON file with `clientSecret`. */
  readonly secretFile?: string;
  /** PEM file with governance's public keys. */
  readonly publicKeys?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const variableOf = (service: Service): string => `TIEOUT_URL_${service.replaceAll('-', '_').toUpperCase()}`;

/**
 * The profile named, or TIEOUT_PROFILE, or that of the local runner in this folder or one above; with TIEOUT_URL_<SERVICE> on top.
 * @throws Failure when a file cannot be read
 */
export const readProfile = (named: string | undefined, env: Env, cwd: string): Profile => {
  const file = named ?? set(env, 'TIEOUT_PROFILE') ?? localProfile(cwd);
  const profile = file === undefined ? { urls: {}, clients: [] } : fromFile(resolve(cwd, file));
  const urls = Object.fromEntries(
    SERVICES.flatMap((service) => {
      const url = set(env, variableOf(service)) ?? profile.urls[service];
      return url === undefined ? [] : [[service, withoutSlash(url)]];
    }),
  );
  return { ...profile, urls };
};

/** @throws Failure saying where an address can be given */
export const urlOf = (profile: Profile, service: Service): string => {
  const url = profile.urls[service];
  if (url !== undefined) return url;
  throw wrongUse(
    `no address of ${service} is known${profile.file === undefined ? '' : ` (${profile.file} names none)`}`,
    `start Tieout here with "npm start", name a profile with --profile FILE, or set ${variableOf(service)}`,
  );
};

const localProfile = (cwd: string): string | undefined => {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, '.tieout', 'demo', 'cli.json');
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return undefined;
  }
};

const fromFile = (file: string): Profile => {
  const read = readJson(file);
  const at = (path: unknown): string | undefined => (typeof path === 'string' ? resolve(dirname(file), path) : undefined);
  const clients = Array.isArray(read['clients']) ? read['clients'].filter((one): one is string => typeof one === 'string') : [];
  const text = (name: string): string | undefined => (typeof read[name] === 'string' ? read[name] : undefined);
  return {
    file,
    ...defined('environment', text('environment')),
    ...defined('issuer', text('issuer')),
    urls: (read['services'] ?? {}) as Profile['urls'],
    clients,
    ...defined('secretFile', at(read['secretFile'])),
    ...defined('publicKeys', at(read['publicKeys'])),
  };
};

const readJson = (file: string): Record<string, unknown> => {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof read === 'object' && read !== null) return read as Record<string, unknown>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw wrongUse(`there is no profile ${file}`, 'start Tieout here with "npm start", or name another with --profile');
  }
  throw wrongUse(`the profile ${file} is not JSON`, 'npx tieout help profile shows what stands in one');
};

/** @throws Failure that never shows what the file holds */
export const clientSecretOf = ({ secretFile, file }: Profile): string => {
  if (secretFile === undefined)
    throw wrongUse(`the profile ${file ?? ''} names no secretFile`, 'set TIEOUT_TOKEN to an access token instead');
  let secret: unknown;
  try {
    secret = (JSON.parse(readFileSync(secretFile, 'utf8')) as Record<string, unknown>)['clientSecret'];
  } catch {
    // Said below, without what stands in it.
  }
  if (typeof secret === 'string' && secret !== '') return secret;
  throw wrongUse(
    `no clientSecret can be read from ${secretFile}`,
    'check that it is there and yours to read, or set TIEOUT_TOKEN to an access token',
  );
};

const set = (env: Env, name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
const defined = <K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [name]: value } as Record<K, string>);
