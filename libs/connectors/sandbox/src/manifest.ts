import type { ConnectorManifest, ProjectCapabilities } from '@tieout/connector-kit';
import { REQUEST_TIMEOUT_MS } from './config.js';

/** Looking, making, and looking again when the code was taken in between: three requests. */
export const projectCapabilities = (config: {
  readonly requestTimeoutMs: number;
  readonly settleMs?: number;
  readonly readLagMs?: number;
}): ProjectCapabilities => ({
  deadlineMs: 3 * config.requestTimeoutMs,
  settleMs: config.settleMs ?? 1_000,
  readLagMs: config.readLagMs ?? 500,
  unique: 'code',
});
const PROJECTS = projectCapabilities({ requestTimeoutMs: REQUEST_TIMEOUT_MS });

export const PSA_MANIFEST: ConnectorManifest = {
  system: 'sandbox-psa',
  title: 'Sandbox PSA',
  time: { deletions: 'key-sweep', cursor: 'changes', webhooks: true },
  masterData: { kinds: ['client', 'project', 'task', 'assignment', 'bill-rate', 'approver-right', 'billing-milestone'] },
  projects: PROJECTS,
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

export const CRM_MANIFEST: ConnectorManifest = {
  system: 'sandbox-crm',
  title: 'Sandbox CRM',
  masterData: { kinds: ['client', 'opportunity'] },
  limits: 'pages of at most 1,000',
};

export const ERP_MANIFEST: ConnectorManifest = {
  system: 'sandbox-erp',
  title: 'Sandbox ERP',
  masterData: { kinds: ['accounting-period', 'project'] },
  projects: PROJECTS,
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
