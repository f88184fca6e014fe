import type { ConnectorManifest, ProjectCapabilities } from '@tieout/connector-kit';
import { DEFAULT_TIMEOUT_MS } from './config.js';
import { REDMINE_KINDS } from './master-data-source.js';

/** Key, look-up, making, and both look-ups again when the identifier was taken. A request dies with its connection. */
export const projectCapabilities = ({ requestTimeoutMs }: { readonly requestTimeoutMs: number }): ProjectCapabilities => ({
  deadlineMs: 5 * requestTimeoutMs,
  settleMs: 5_000,
  readLagMs: 0,
  unique: 'code',
});

export const redmineManifest: ConnectorManifest = {
  system: 'redmine',
  title: 'Redmine 5',
  time: { deletions: 'key-sweep', cursor: 'window', webhooks: false },
  masterData: { kinds: REDMINE_KINDS },
  projects: projectCapabilities({ requestTimeoutMs: DEFAULT_TIMEOUT_MS }),
  limits:
    '100 records per page, about 10 pages per second; no change feed, no webhooks, no approvals of its own (a custom field says it).',
};
