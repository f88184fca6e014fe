import type { ConnectorManifest } from '@tieout/connector-kit';
import { REDMINE_KINDS } from './master-data-source.js';

export const redmineManifest: ConnectorManifest = {
  system: 'redmine',
  title: 'Redmine 5',
  time: { deletions: 'key-sweep', cursor: 'window', webhooks: false },
  masterData: { kinds: REDMINE_KINDS },
  limits:
    '100 records per page, about 10 pages per second; no change feed, no webhooks, no approvals of its own (a custom field says it).',
};
