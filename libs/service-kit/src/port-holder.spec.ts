import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { portHolder, portTakenMessage } from './port-holder.js';

it.runIf(existsSync('/proc/net/tcp'))('names the process that has a port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(portHolder(port)?.pid).toBe(process.pid);
  expect(portTakenMessage('127.0.0.1', port)).toContain(
    `HTTP_PORT is ${port}: expected a free port, but process ${process.pid} (`,
  );
  server.close();
  await once(server, 'close');
  expect(portHolder(port)).toBeUndefined();
});
