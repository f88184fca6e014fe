import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inherited, ROOT } from './config.js';
import type { GovernanceKeyFiles } from './stack-secrets.js';
import type { Program } from './supervisor.js';

const ALL_SERVICES = [
  'master-data-sync',
  'time-ingestion',
  'erp-posting',
  'payroll-feed',
  'analytics-feed',
  'reconciliation',
  'exception-management',
  'governance',
] as const;
export type ServiceName = (typeof ALL_SERVICES)[number];

/** Those that are built in this checkout. */
export const SERVICES: readonly ServiceName[] = ALL_SERVICES.filter((name) =>
  existsSync(join(ROOT, 'apps', name, 'dist/migrate.js')),
);

/** How one service is run when it is not run as usual: one replica of this checkout's build. */
export interface ServiceSettings {
  /** Default 1. Their `INSTANCE_ID`s are `<service>-0`, `<service>-1`, ..., the same after every restart. */
  readonly replicas?: number;
  /** Folder of the build (with `main.js`) by replica; where none is named, this checkout's. */
  readonly builds?: readonly (string | undefined)[];
  /** On top of what every service gets. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Replica {
  readonly service: ServiceName;
  readonly index: number;
  readonly port: number;
}

/** The first one carries the service's own name, which is also the name of its log. */
export const processName = (service: ServiceName, replica = 0): string => (replica === 0 ? service : `${service}-${replica}`);

export const migration = (service: ServiceName, databaseUrl: string): Program => ({
  name: `${service}-migrate`,
  script: join(ROOT, 'apps', service, 'dist/migrate.js'),
  env: { ...inherited(), DATABASE_URL: databaseUrl },
});

export interface Surroundings {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly issuer: string;
  readonly policyDir: string;
  readonly environment: string;
  readonly keys: GovernanceKeyFiles;
  /** Where governance keeps its signed audit checkpoints. */
  readonly checkpointDir: string;
  /** What the bundle's references name, and settings for all services. */
  readonly env: Readonly<Record<string, string>>;
  readonly settings: ServiceSettings;
}

export const program = ({ service, index, port }: Replica, around: Surroundings): Program => ({
  name: processName(service, index),
  script: join(around.settings.builds?.[index] ?? join(ROOT, 'apps', service, 'dist'), 'main.js'),
  nodeArgs: ['--import', join(ROOT, 'libs/telemetry/dist/register.js')],
  env: {
    ...inherited(),
    // Short, so that a local run shows within seconds that what was lost is said again.
    SWEEP_EVERY_MS: '3000',
    SWEEP_SETTLE_MS: '3000',
    ...around.env,
    ...around.settings.env,
    OTEL_SERVICE_NAME: service,
    INSTANCE_ID: `${service}-${index}`,
    DATABASE_URL: around.databaseUrl,
    NATS_URL: around.natsUrl,
    HTTP_PORT: String(port),
    OIDC_ISSUER: around.issuer,
    POLICY_DIR: around.policyDir,
    ENVIRONMENT: around.environment,
    GOVERNANCE_PUBLIC_KEYS: around.keys.publicKeys,
    ...(service === 'governance' && {
      SIGNING_KEY_FILE: around.keys.signingKey,
      CHECKPOINT_DIR: around.checkpointDir,
    }),
  },
});
