import { SettingsReader, type ConnectionSettings } from '@tieout/connector-kit';

export interface CsvConfig {
  /** Where files are dropped. */
  readonly folder: string;
  readonly pageSize: number;
  /** A larger file is refused: it would not fit into memory beside the others' work. */
  readonly maxFileBytes: number;
}

const MEBIBYTE = 1024 * 1024;

export const parseCsvConfig = (settings: ConnectionSettings): CsvConfig => {
  const read = new SettingsReader(settings);
  const config = {
    folder: read.text('folder'),
    pageSize: read.integer('pageSize', 500, { min: 1, max: 5000 }),
    maxFileBytes: read.integer('maxFileMegabytes', 50, { min: 1, max: 1024 }) * MEBIBYTE,
  };
  read.done();
  return config;
};
