import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Made at the first start of a data folder, readable by its owner only. */
export interface StackSecrets {
  readonly databasePasswords: Readonly<Record<string, string>>;
  readonly clientSecret: string;
  /** Private signing key of the local OpenID provider, as JWK. */
  readonly signingKey: Record<string, unknown>;
  readonly psaKey: string;
  readonly hrKey: string;
  readonly erpKey: string;
  readonly payrollKey: string;
  readonly crmKey: string;
  readonly readKey: string;
  readonly panelToken: string;
  readonly webhookSecret: string;
}

/** Paths. The private half signs what services obey. */
export interface GovernanceKeyFiles {
  readonly signingKey: string;
  readonly publicKeys: string;
}

const random = (): string => randomBytes(24).toString('base64url');

export const openSecrets = (dataDir: string, services: readonly string[]): StackSecrets => {
  const file = join(dataDir, 'secrets.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<StackSecrets>) : {};
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  // What an older start did not need is added; what it made stays.
  const secrets: StackSecrets = {
    clientSecret: random(),
    signingKey: { ...privateKey.export({ format: 'jwk' }), kid: 'local-1', use: 'sig', alg: 'RS256' },
    psaKey: random(),
    hrKey: random(),
    erpKey: random(),
    payrollKey: random(),
    crmKey: random(),
    readKey: random(),
    panelToken: random(),
    webhookSecret: random(),
    ...known,
    databasePasswords: { ...Object.fromEntries(services.map((name) => [name, random()])), ...known.databasePasswords },
  };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
};

/** Made at the first start of a data folder, the private one readable by its owner only. */
export const openGovernanceKeys = (dataDir: string): GovernanceKeyFiles => {
  const files = { signingKey: join(dataDir, 'governance-signing-key.pem'), publicKeys: join(dataDir, 'governance-keys.pem') };
  if (existsSync(files.signingKey) && existsSync(files.publicKeys)) return files;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(files.signingKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(files.publicKeys, publicKey.export({ type: 'spki', format: 'pem' }));
  return files;
};
