import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeConformance } from '@tieout/connector-kit/conformance';
import { csv } from '../src/index.js';
import { drop } from './dropped-files.js';

const WORK_DATE = '2026-11-20';

describeConformance({
  connector: csv,
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tieout-csv-'));
    let files = 0;
    const revisions = new Map<string, number>();
    const write = async (id: string, status: string, hours: string): Promise<void> => {
      revisions.set(id, (revisions.get(id) ?? 0) + 1);
      files += 1;
      await drop(folder, `f${String(files).padStart(4, '0')}`, [
        `${id},${revisions.get(id)},${status},E1001,P-100,${WORK_DATE},${hours}`,
      ]);
    };
    return {
      settings: { values: { folder, pageSize: '3' }, secrets: new Set() },
      takeAway: async () => {
        await rename(folder, `${folder}.away`);
        return () => rename(`${folder}.away`, folder);
      },
      time: {
        workDate: WORK_DATE,
        hoursField: 'hours',
        create: async ({ hours, approved }) => {
          const id = `N-${files}`;
          await write(id, approved ? 'approved' : 'submitted', hours);
          return id;
        },
        edit: (id, hours) => write(id, 'approved', hours),
        remove: (id) => write(id, 'withdrawn', '0'),
        createMalformed: async () => {
          await drop(folder, 'z-bad', [
            `B-1,1,approved,E1001,P-100,${WORK_DATE},7h30`,
            `B-2,1,approved,E1001,P-100,${WORK_DATE},7.5`,
          ]);
          return 'z-bad.csv, row 2';
        },
      },
      stop: () => rm(folder, { recursive: true }),
    };
  },
});
