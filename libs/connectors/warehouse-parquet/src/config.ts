import { SettingsReader, type ConnectionSettings } from '@tieout/connector-kit';

export interface ParquetConfig {
  /** Must exist: a folder that is missing is a disk that is not mounted, and is never created. */
  readonly folder: string;
}

export const parseParquetConfig = (settings: ConnectionSettings): ParquetConfig => {
  const read = new SettingsReader(settings);
  const config = { folder: read.text('folder') };
  read.done();
  return config;
};
