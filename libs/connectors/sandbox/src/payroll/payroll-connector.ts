import type { ConnectorManifest } from '@tieout/connector-kit';
import { SandboxClient } from '../client/sandbox-client.js';
import { REQUEST_TIMEOUT_MS, type SandboxConfig } from '../config.js';

export const PAYROLL_MANIFEST: ConnectorManifest = {
  system: 'sandbox-payroll',
  title: 'Sandbox payroll bureau',
  posting: {
    protocol: 'look-up',
    maxLinesPerDocument: 1_000,
    partialAcceptance: false,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    settleMs: 1_000,
    readLagMs: 500,
    maxConcurrency: 2,
    answersLater: true,
    maxReadBack: 50,
  },
  limits: 'look-up by at most 50 tickets; a batch is judged some time after it was taken',
};

export const payrollClient = (config: SandboxConfig, fetchImpl?: typeof fetch): SandboxClient =>
  new SandboxClient(config, { 'x-api-key': config.key }, fetchImpl);
