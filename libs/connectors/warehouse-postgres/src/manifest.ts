import type { ConnectorManifest } from '@tieout/connector-kit';
import { REQUEST_TIMEOUT_MS } from './config.js';

export const WAREHOUSE_POSTGRES_MANIFEST: ConnectorManifest = {
  system: 'warehouse-postgres',
  title: 'Warehouse in PostgreSQL',
  posting: {
    protocol: 'upsert',
    maxLinesPerDocument: 5_000,
    partialAcceptance: false,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    // A commit may still be running when its client has gone.
    settleMs: 1_000,
    readLagMs: 0,
    maxConcurrency: 4,
    maxReadBack: 100,
  },
  limits: 'a load is one transaction; at most 4 connections per process',
};
