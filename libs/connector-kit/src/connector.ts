import type { Clock } from '@tieout/clock';
import type { ConnectionId, MasterKind } from '@tieout/model';
import type { ControlReader } from './control-reader.js';
import type { ConnectionSettings } from './config.js';
import type { MasterDataSource } from './master-data-source.js';
import type { PostingCapabilities, PostingTarget } from './posting-target.js';
import type { ProjectCapabilities, ProjectTarget } from './project-target.js';
import type { TimeSource, WebhookReceiver } from './time-source.js';

/** What a connector can do, as data: the capability table in docs/ is generated from these. */
export interface ConnectorManifest {
  /** Folder and name in `connections.yaml`: "redmine". */
  readonly system: string;
  readonly title: string;
  readonly time?: {
    /** How deletions become visible. */
    readonly deletions: 'key-sweep' | 'feed' | 'none';
    /** Whether the cursor is a change feed or a window that is read again. */
    readonly cursor: 'changes' | 'window' | 'file';
    readonly webhooks: boolean;
  };
  readonly masterData?: { readonly kinds: readonly MasterKind[] };
  readonly posting?: PostingCapabilities;
  /** Projects can be made there. */
  readonly projects?: ProjectCapabilities;
  readonly limits: string;
}

export interface ConnectorDependencies {
  readonly connection: ConnectionId;
  readonly clock: Clock;
  /** `fetch` of the platform; tests bring their own. */
  readonly fetch?: typeof fetch;
}

/** One folder per system. A factory that is absent means: not supported. */
export interface Connector<Config = unknown> {
  readonly manifest: ConnectorManifest;
  /** @throws ConfigProblem naming setting, value (never a secret's) and what is expected. */
  parseConfig(settings: ConnectionSettings): Config;
  timeSource?(config: Config, deps: ConnectorDependencies): TimeSource;
  webhookReceiver?(config: Config, deps: ConnectorDependencies): WebhookReceiver;
  masterDataSource?(config: Config, deps: ConnectorDependencies): MasterDataSource;
  postingTarget?(config: Config, deps: ConnectorDependencies): PostingTarget;
  /** Where they depend on the configuration; absent: those of the manifest, for every connection. Ask `postingCapabilitiesOf`. */
  postingCapabilities?(config: Config): PostingCapabilities;
  projectTarget?(config: Config, deps: ConnectorDependencies): ProjectTarget;
  /** Where they depend on the configuration. Ask `projectCapabilitiesOf`. */
  projectCapabilities?(config: Config): ProjectCapabilities;
  /** For reconciliation only, with read-only credentials; must not use the connector's mapping.ts. */
  controlReader?(config: Config, deps: ConnectorDependencies): ControlReader;
}

/** What one connection can do as a destination; undefined: nothing. */
export const postingCapabilitiesOf = <Config>(connector: Connector<Config>, config: Config): PostingCapabilities | undefined =>
  connector.manifest.posting && (connector.postingCapabilities?.(config) ?? connector.manifest.posting);

/** What one connection says of making projects; undefined: it makes none. */
export const projectCapabilitiesOf = <Config>(connector: Connector<Config>, config: Config): ProjectCapabilities | undefined =>
  connector.manifest.projects && (connector.projectCapabilities?.(config) ?? connector.manifest.projects);
