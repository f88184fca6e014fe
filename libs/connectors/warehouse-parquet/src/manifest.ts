import type { ConnectorManifest } from '@tieout/connector-kit';

export const WAREHOUSE_PARQUET_MANIFEST: ConnectorManifest = {
  system: 'warehouse-parquet',
  title: 'Warehouse of Parquet files',
  posting: {
    protocol: 'upsert',
    maxLinesPerDocument: 5_000,
    partialAcceptance: false,
    requestTimeoutMs: 30_000,
    settleMs: 0,
    readLagMs: 0,
    maxConcurrency: 4,
    maxReadBack: 100,
  },
  limits: 'one file per load; a network file system must rename atomically',
};
