import type { Connector } from '@tieout/connector-kit';
import { DropFolder } from './client/drop-folder.js';
import { parseCsvConfig, type CsvConfig } from './config.js';
import { CsvControlReader } from './control-reader.js';
import { CSV_MANIFEST } from './manifest.js';
import { CsvTimeSource } from './time-source.js';

export const csv: Connector<CsvConfig> = {
  manifest: CSV_MANIFEST,
  parseConfig: parseCsvConfig,
  timeSource: (config) => new CsvTimeSource(new DropFolder(config.folder), config),
  controlReader: (config) => new CsvControlReader(config.folder),
};
