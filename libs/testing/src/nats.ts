import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startNats, type RunningNats } from '@tieout/local-servers';
import { testRun } from './config.js';

let ofThisWorker: Promise<RunningNats> | undefined;

/** The nats-server of this test worker (vitest gives each test file a worker), with JetStream; it ends with the worker. */
export function testNats(): Promise<RunningNats> {
  ofThisWorker ??= startNats({ storeDir: join(testRun().folder, `nats-${randomBytes(4).toString('hex')}`) });
  return ofThisWorker;
}
