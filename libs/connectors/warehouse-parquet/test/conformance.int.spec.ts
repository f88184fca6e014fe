import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeConformance } from '@tieout/connector-kit/conformance';
import { warehouseParquet } from '../src/index.js';

describeConformance({
  connector: warehouseParquet,
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tieout-parquet-'));
    return {
      settings: { values: { folder }, secrets: new Set() },
      pastFetch: true,
      takeAway: async () => {
        await rename(folder, `${folder}.away`);
        return () => rename(`${folder}.away`, folder);
      },
      posting: {
        legalEntityId: 'DE01',
        currency: 'EUR',
        openPeriod: '2026-11',
        openDate: '2026-11-20',
        workerCode: 'E1001',
        projectCode: 'P-100',
        taskCode: 'T1',
        costCentre: 'CC-7',
        account: '',
        balancingAccount: '',
        singleLinesOnly: true,
        countDocuments: async (key) =>
          (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(`/${key}.parquet`)).length,
      },
      stop: () => rm(folder, { recursive: true }),
    };
  },
});
