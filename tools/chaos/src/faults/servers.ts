import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import { acknowledgeChains } from '../people.js';

const LOST_MS = 120_000;
const WORK_MS = 10_000;
const FORGOTTEN_MS = 20_000;

const streamDeleted = (stream: string): Fault => ({
  id: `stream-deleted-${stream.toLowerCase()}`,
  what: `the stream ${stream} is deleted with its consumers`,
  lastsMs: 0,
  strike: ({ tieout }) => tieout.nats.deleteStream(stream),
});

export const SERVER_FAULTS: readonly Fault[] = [
  {
    id: 'postgres-restart',
    what: 'PostgreSQL is restarted',
    lastsMs: 0,
    strike: ({ tieout }) => tieout.postgres.restart(),
  },
  {
    id: 'postgres-restored',
    what: `PostgreSQL goes back by ${FORGOTTEN_MS / 1000} s: what was sent since is forgotten, and stands in the ERP`,
    lastsMs: 0,
    timed: false,
    prepare: async ({ tieout, folder, load }) => {
      load.start();
      await delay(WORK_MS);
      await tieout.postgres.backUp(join(folder, 'postgres-backup'));
      await delay(FORGOTTEN_MS);
    },
    strike: ({ tieout, folder }) => tieout.postgres.restore(join(folder, 'postgres-backup')),
    afterwards: acknowledgeChains,
  },
  {
    id: 'nats-restart',
    what: 'NATS is restarted',
    lastsMs: 0,
    strike: ({ tieout }) => tieout.nats.restart(),
  },
  ...['TIME', 'POSTING', 'MASTER'].map(streamDeleted),
  {
    id: 'messages-lost',
    what: `NATS comes back without the last ${LOST_MS / 1000} s`,
    lastsMs: 0,
    timed: false,
    prepare: async ({ tieout, folder, load, say }) => {
      await tieout.nats.copyStore(join(folder, 'nats-copy'));
      await tieout.waitUntilReady(60_000);
      load.start();
      say(`working for ${LOST_MS / 1000} s`);
      await delay(LOST_MS);
    },
    strike: ({ tieout, folder }) => tieout.nats.restoreStore(join(folder, 'nats-copy')),
  },
];
