import type { Connector } from '@tieout/connector-kit';
import { WarehouseFolder } from './client/warehouse-folder.js';
import { parseParquetConfig, type ParquetConfig } from './config.js';
import { WAREHOUSE_PARQUET_MANIFEST } from './manifest.js';
import { ParquetWarehouse } from './posting-target.js';

export const warehouseParquet: Connector<ParquetConfig> = {
  manifest: WAREHOUSE_PARQUET_MANIFEST,
  parseConfig: parseParquetConfig,
  postingTarget: (config) => new ParquetWarehouse(new WarehouseFolder(config.folder)),
};
