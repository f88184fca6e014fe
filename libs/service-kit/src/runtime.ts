import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Clock } from '@tieout/clock';
import type { Context } from '@tieout/contracts';
import type { EventPublisher, NatsLink, Questions } from '@tieout/messaging';
import type { Database, Leases, Listener } from '@tieout/persistence';
import type { Logger } from 'pino';
import type { Environment } from './config.js';
import type { GovernanceKeys } from './governance-keys.js';
import type { PolicyHolder } from './policy/policy-holder.js';
import type { Readiness, ReadinessCheck } from './readiness.js';
import type { SecretReader } from './secrets.js';

/** What every service has. Injected with `@Inject(RUNTIME) runtime: ServiceRuntime`. */
export interface ServiceRuntime {
  readonly name: string;
  readonly context: Context;
  readonly instanceId: string;
  readonly clock: Clock;
  readonly database: Database;
  readonly listener: Listener;
  readonly leases: Leases;
  readonly link: NatsLink;
  readonly publisher: EventPublisher;
  readonly questions: Questions;
  readonly policy: PolicyHolder;
  /** Whose activations, overrides and grants count here. */
  readonly environment: string;
  readonly governanceKeys: GovernanceKeys;
  readonly secrets: SecretReader;
  readonly logger: Logger;
  readonly env: Environment;
  /** Runs once database with all migrations, NATS and streams are there: loops start here. Tried again until it succeeds. */
  onReady(fn: () => Promise<void>): void;
  /** Runs at stop, before connections close: finish the work in hand. All run at the same time; the process ends ten seconds after the signal. */
  onStop(fn: () => Promise<void>): void;
  /** One more thing that must hold before the service says that it is ready. */
  addReadinessCheck(name: string, check: ReadinessCheck): void;
}

export const RUNTIME = Symbol('tieout.runtime');
export const READINESS = Symbol('tieout.readiness');

@Global()
@Module({})
export class RuntimeModule {
  static of(runtime: ServiceRuntime, readiness: Readiness): DynamicModule {
    return {
      module: RuntimeModule,
      providers: [
        { provide: RUNTIME, useValue: runtime },
        { provide: READINESS, useValue: readiness },
      ],
      exports: [RUNTIME, READINESS],
    };
  }
}
