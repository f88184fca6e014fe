import type { Connector } from '@tieout/connector-kit';
import { Sessions } from './client/sessions.js';
import { parseWarehouseConfig, type WarehouseConfig } from './config.js';
import { WAREHOUSE_POSTGRES_MANIFEST } from './manifest.js';
import { PostgresWarehouse } from './posting-target.js';

/** A target is made for each use; the sessions stay for as long as the settings do, so a rotated secret has its own. */
const sessionsOf = new WeakMap<WarehouseConfig, Sessions>();
const sessions = (config: WarehouseConfig): Sessions => {
  const present = sessionsOf.get(config) ?? new Sessions(config);
  sessionsOf.set(config, present);
  return present;
};

export const warehousePostgres: Connector<WarehouseConfig> = {
  manifest: WAREHOUSE_POSTGRES_MANIFEST,
  parseConfig: parseWarehouseConfig,
  postingTarget: (config) => new PostgresWarehouse(sessions(config)),
};
