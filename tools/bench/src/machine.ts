import { cpus, totalmem } from 'node:os';
import type { Tx } from '@tieout/persistence';

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly platform: string;
  readonly postgres: string;
  readonly nats: string;
}

export const describeMachine = async (database: Tx, natsVersion: string): Promise<Machine> => {
  const all = cpus();
  const [row] = await database.query<{ server_version: string }>('show server_version');
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    postgres: row?.server_version ?? 'unknown',
    nats: natsVersion,
  };
};
