import type { Connector } from '@tieout/connector-kit';
import { TrytonClient } from './client/tryton-client.js';
import { parseTrytonConfig, type TrytonConfig } from './config.js';
import { TrytonControlReader } from './control-reader.js';
import { trytonCapabilities, trytonManifest } from './manifest.js';
import { TrytonMasterDataSource } from './master-data-source.js';
import { TrytonPostingTarget } from './posting-target.js';

export const tryton: Connector<TrytonConfig> = {
  manifest: trytonManifest,
  parseConfig: parseTrytonConfig,
  masterDataSource: (config, deps) => new TrytonMasterDataSource(new TrytonClient(config, deps.fetch), config),
  postingCapabilities: trytonCapabilities,
  postingTarget: (config, deps) => new TrytonPostingTarget(new TrytonClient(config, deps.fetch), config),
  controlReader: (config, deps) => new TrytonControlReader(new TrytonClient(config, deps.fetch), config),
};
export type { TrytonConfig };
