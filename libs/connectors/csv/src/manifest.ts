import type { ConnectorManifest } from '@tieout/connector-kit';

export const CSV_MANIFEST: ConnectorManifest = {
  system: 'csv',
  title: 'CSV files',
  // A row with the status "withdrawn" takes its entry away; a file that is gone takes nothing away.
  time: { deletions: 'feed', cursor: 'file', webhooks: false },
  limits: 'files of at most 50 MB (setting maxFileMegabytes); a file is taken when its control file is there',
};
