import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNatsServer } from './nats-install.js';
import { freePort, requireFreePort } from './ports.js';
import { endOrphan, forgetOwner, launch, recordOwner, stopChild, untilReady, type Launch } from './processes.js';

export interface NatsOptions {
  /** Kept and used again at the next start. Absent: a temporary one, deleted by stop(). */
  storeDir?: string;
  /** Absent: a free one. */
  port?: number;
}

export interface RunningNats {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** A real nats-server with JetStream on 127.0.0.1. */
export async function startNats(options: NatsOptions = {}): Promise<RunningNats> {
  const command = ensureNatsServer();
  if (options.storeDir) mkdirSync(options.storeDir, { recursive: true });
  const storeDir = realpathSync(options.storeDir ?? mkdtempSync(join(tmpdir(), 'tieout-nats-')));
  await endOrphan(storeDir, 'nats-server');
  if (options.port !== undefined) await requireFreePort(options.port, 'nats-server');
  const port = options.port ?? (await freePort());
  const server: Launch = {
    name: 'nats-server',
    command,
    args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', storeDir],
    logFile: join(storeDir, 'tieout-server.log'),
    stopSignal: 'SIGTERM',
  };
  const child = launch(server);
  await untilReady(child, server, () => greetsWithJetStream(port));
  const pid = child.pid as number;
  recordOwner(storeDir, pid);
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    pid,
    stop: async () => {
      await stopChild(child, 'SIGTERM');
      if (options.storeDir) forgetOwner(storeDir);
      else rmSync(storeDir, { recursive: true, force: true });
    },
  };
}

/** The server speaks first: `INFO {...,"jetstream":true,...}`. */
function greetsWithJetStream(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const answer = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('data', (greeting) => answer(greeting.toString().includes('"jetstream":true')));
    socket.once('error', () => answer(false));
    socket.setTimeout(1_000, () => answer(false));
  });
}
