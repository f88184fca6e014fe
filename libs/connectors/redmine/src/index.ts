import type { Connector } from '@tieout/connector-kit';
import { RedmineClient } from './client/redmine-client.js';
import { parseRedmineConfig, type RedmineConfig } from './config.js';
import { RedmineControlReader } from './control-reader.js';
import { projectCapabilities, redmineManifest } from './manifest.js';
import { RedmineMasterDataSource } from './master-data-source.js';
import { redmineProjects } from './project-target.js';
import { RedmineTimeSource } from './time-source.js';

export const redmine: Connector<RedmineConfig> = {
  manifest: redmineManifest,
  parseConfig: parseRedmineConfig,
  timeSource: (config, deps) => new RedmineTimeSource(new RedmineClient(config, deps.fetch), config, deps.clock),
  masterDataSource: (config, deps) => new RedmineMasterDataSource(new RedmineClient(config, deps.fetch), config),
  projectTarget: (config, deps) => redmineProjects(new RedmineClient(config, deps.fetch)),
  projectCapabilities,
  controlReader: (config, deps) => new RedmineControlReader(new RedmineClient(config, deps.fetch), config),
};
export type { RedmineConfig };
