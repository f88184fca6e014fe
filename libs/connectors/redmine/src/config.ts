import { SettingsReader, type ConnectionSettings } from '@tieout/connector-kit';

export interface RedmineConfig {
  readonly url: string;
  readonly key: string;
  /** How many days back a pass reads. Older time is no longer watched. */
  readonly windowDays: number;
  readonly pageSize: number;
  /** Name of the time entry's custom field that says whether it is approved; Redmine itself has no approval. */
  readonly approvalField: string;
  readonly approvedValue: string;
  /** Name of the user's custom field that holds the firm's worker number. */
  readonly employeeField: string;
  readonly requestTimeoutMs: number;
}

/** Redmine caps a page at 100 and does not say so. */
const MAX_PAGE = 100;

export const DEFAULT_TIMEOUT_MS = 30_000;

export const parseRedmineConfig = (settings: ConnectionSettings): RedmineConfig => {
  const read = new SettingsReader(settings);
  const config: RedmineConfig = {
    url: read.url('url'),
    key: read.text('key'),
    windowDays: read.integer('windowDays', 62, { min: 1, max: 3660 }),
    pageSize: read.integer('pageSize', MAX_PAGE, { min: 2, max: MAX_PAGE }),
    approvalField: read.text('approvalField', 'Approval'),
    approvedValue: read.text('approvedValue', 'Approved'),
    employeeField: read.text('employeeField', 'Employee no'),
    requestTimeoutMs: read.integer('requestTimeoutMs', DEFAULT_TIMEOUT_MS, { min: 100, max: 600_000 }),
  };
  read.done();
  return config;
};
