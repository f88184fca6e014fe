import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CutPlan, type Cut } from './cut-plan.js';
import { cutsOf, CuttingProxy } from './cutting-proxy.js';

const ANSWER = 'a'.repeat(1_000);
const reached: string[] = [];
let system: Server;
let proxy: CuttingProxy;
let url: string;

/** One request after another: the first is cut as told, the others pass. */
const startProxy = async (first: Cut | undefined): Promise<void> => {
  const plan = new CutPlan(1);
  vi.spyOn(plan, 'next').mockReturnValueOnce(first).mockReturnValue(undefined);
  const { port } = system.address() as AddressInfo;
  proxy = new CuttingProxy(`http://127.0.0.1:${port}`, plan, (subject) => ({ effect: 'writing', subject }));
  url = await proxy.start();
  proxy.cut();
};
const send = async (body: string): Promise<string> => {
  const response = await fetch(url, { method: 'POST', body });
  return response.text();
};

beforeEach(async () => {
  reached.length = 0;
  system = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      reached.push(body);
      response.end(ANSWER);
    });
  });
  await new Promise<void>((resolve) => system.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await proxy.stop();
  system.closeAllConnections();
  await new Promise((resolve) => system.close(resolve));
});

describe('the proxy', () => {
  it('hands on what the plan lets pass, several on one connection', async () => {
    await startProxy(undefined);
    for (const body of ['one', 'x'.repeat(300_000), 'three']) expect(await send(body)).toBe(ANSWER);
    expect(reached.map(({ length }) => length)).toEqual([3, 300_000, 5]);
    expect(cutsOf(proxy.counts.writing)).toBe(0);
  });

  it.each<[Cut, number]>([
    ['before-sent', 0],
    ['sent', 1],
    ['executed', 1],
    ['mid-answer', 1],
  ])('%s: the caller gets no answer, the system got %i request(s)', async (cut, executed) => {
    await startProxy(cut);
    await expect(send('first')).rejects.toThrow();
    await vi.waitFor(() => expect(reached).toHaveLength(executed));
    // The next one finds a way of its own.
    expect(await send('second')).toBe(ANSWER);
    expect(reached).toHaveLength(executed + 1);
    expect(proxy.counts.writing).toMatchObject({ requests: 2, cut: { [cut]: 1 } });
  });

  it('calm, it cuts nothing', async () => {
    await startProxy('executed');
    proxy.calm();
    expect(await send('first')).toBe(ANSWER);
  });
});
