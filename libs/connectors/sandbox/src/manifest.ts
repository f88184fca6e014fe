import type { ConnectorManifest } from '@tieout/connector-kit';
import { REQUEST_TIMEOUT_MS } from './config.js';

export const PSA_MANIFEST: ConnectorManifest = {
  system: 'sandbox-psa',
  title: 'Sandbox PSA',
  time: { deletions: 'key-sweep', cursor: 'changes', webhooks: true },
  masterData: { kinds: ['client', 'project', 'task', 'assignment', 'bill-rate'] },
  limits: 'pages of at most 1,000; webhooks at least once, in any order, sometimes never',
};

export const HR_MANIFEST: ConnectorManifest = {
  system: 'sandbox-hr',
  title: 'Sandbox HR',
  masterData: {
    kinds: ['legal-entity', 'worker', 'cost-centre', 'cost-rate', 'exchange-rate', 'pay-group', 'pay-period', 'pay-code'],
  },
  limits: 'pages of at most 1,000',
};

export const ERP_MANIFEST: ConnectorManifest = {
  system: 'sandbox-erp',
  title: 'Sandbox ERP',
  masterData: { kinds: ['accounting-period'] },
  posting: {
    protocol: 'idempotency-key',
    maxLinesPerDocument: 500,
    partialAcceptance: false,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    settleMs: 1_000,
    readLagMs: 500,
    maxConcurrency: 4,
    maxReadBack: 100,
  },
  limits:
    'read-back of at most 100 journals; protocol, parts, later answers, time-outs and requests at once by setting, as the ERP offers them',
};
