import { SettingsReader, type ConnectionSettings } from '@tieout/connector-kit';
import { DEFAULT_TIMEOUT_MS } from './manifest.js';

export interface TrytonConfig {
  readonly url: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Our code of the company that the user works for; Tryton's companies have none. */
  readonly legalEntity: string;
  /** Code of the journal that our moves go to. */
  readonly journal: string;
  readonly pageSize: number;
  readonly requestTimeoutMs: number;
  readonly settleMs: number;
  readonly maxLinesPerDocument: number;
}

export const parseTrytonConfig = (settings: ConnectionSettings): TrytonConfig => {
  const read = new SettingsReader(settings);
  const config: TrytonConfig = {
    url: read.url('url'),
    database: read.text('database'),
    user: read.text('user'),
    password: read.text('password'),
    legalEntity: read.text('legalEntity'),
    journal: read.text('journal', 'EXP'),
    pageSize: read.integer('pageSize', 500, { min: 1, max: 1000 }),
    requestTimeoutMs: read.integer('requestTimeoutMs', DEFAULT_TIMEOUT_MS, { min: 100, max: 600_000 }),
    settleMs: read.integer('settleMs', DEFAULT_TIMEOUT_MS, { min: 0, max: 600_000 }),
    maxLinesPerDocument: read.integer('maxLinesPerDocument', 100, { min: 1, max: 1_000 }),
  };
  read.done();
  return config;
};
