import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.js';

const LOST_MS = 120_000;

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
