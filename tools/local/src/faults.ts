import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { SERVICES, type Tieout } from './tieout.js';

export interface FaultOptions {
  readonly say: (text: string) => void;
  /** How far the work is at the moment of each fault: shown, so that a reader sees that it struck in mid-work. */
  readonly at: () => Promise<string>;
  readonly pauseMs: number;
}

/** Kills each service once with kill -9 while time is on its way, and deletes the whole stream TIME in between. */
export const injectFaults = async (tieout: Tieout, { say, at, pauseMs }: FaultOptions): Promise<void> => {
  for (const service of SERVICES) {
    say(`fault: kill -9 ${service} (pid ${tieout.pidOf(service)}); ${await at()}`);
    tieout.kill(service, 'SIGKILL');
    await delay(pauseMs);
    if (service === 'time-ingestion') {
      say(`fault: delete the stream TIME; ${await at()}`);
      await deleteStream(tieout.natsUrl, 'TIME');
    }
  }
};

const deleteStream = async (natsUrl: string, name: string): Promise<void> => {
  const connection = await connect({ servers: natsUrl });
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(name);
  } finally {
    await connection.close();
  }
};
