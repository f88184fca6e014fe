import { ConfigProblem } from '@tieout/connector-kit';
import { expect, it } from 'vitest';
import { parseParquetConfig } from './config.js';

it('needs a folder', () => {
  expect(parseParquetConfig({ values: { folder: '/lake' }, secrets: new Set() })).toEqual({ folder: '/lake' });
  expect(() => parseParquetConfig({ values: {}, secrets: new Set() })).toThrow(ConfigProblem);
});
