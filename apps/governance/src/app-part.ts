import type { Provider, Type } from '@nestjs/common';
import type { ServiceRuntime } from '@tieout/service-kit';
import type { GovernanceConfig } from './config.js';

/** What the topics of this service share. */
export interface Governance {
  readonly runtime: ServiceRuntime;
  readonly config: GovernanceConfig;
}

/** One topic of the service: what it adds to the Nest application. Loops and stops register themselves on the runtime. */
export interface AppPart {
  readonly controllers: readonly Type<unknown>[];
  readonly providers: readonly Provider[];
}

/** Each topic has one, in `<topic>.module-part.ts`; app.module.ts lists them. */
export type PartFactory = (governance: Governance) => AppPart;
