import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FaultKind } from '@tieout/model';
import { afterEach, describe, expect, it } from 'vitest';
import { httpExchange, retryAfterMs, type HttpRequest } from './http-client.js';

describe('httpExchange', () => {
  let server: Server | undefined;
  afterEach(async () => {
    if (!server) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    server = undefined;
  });
  const serve = async (answer: RequestListener): Promise<string> => {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?token=abc`;
  };
  const request = (url: string, effect: HttpRequest['effect'] = 'read'): HttpRequest => ({
    method: effect === 'read' ? 'GET' : 'POST',
    url,
    effect,
    timeoutMs: 300,
    ...(effect === 'write' && { json: { a: 1 } }),
  });

  it('sends JSON with its headers and gives the answer as it is', async () => {
    const seen: string[] = [];
    const url = await serve((incoming, response) => {
      incoming.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
      incoming.on('end', () => {
        seen.push(`${incoming.method} ${incoming.headers['content-type']} ${incoming.headers['x-key']}`);
        response.writeHead(422, { 'content-type': 'application/json' }).end('{"no":1}');
      });
    });
    const answer = await httpExchange({ ...request(url, 'write'), headers: { 'x-key': 'k' } });
    expect([answer.status, answer.json()]).toEqual([422, { no: 1 }]);
    expect(seen).toEqual(['{"a":1}', 'POST application/json k']);
  });

  const cases: [string, RequestListener, FaultKind, FaultKind][] = [
    ['429', (_i, o) => o.writeHead(429).end(), 'RateLimited', 'RateLimited'],
    ['401', (_i, o) => o.writeHead(401).end(), 'CredentialsRejected', 'OutcomeUnknown'],
    ['403', (_i, o) => o.writeHead(403).end(), 'CredentialsRejected', 'OutcomeUnknown'],
    ['500', (_i, o) => o.writeHead(500).end(), 'Unavailable', 'OutcomeUnknown'],
    ['503', (_i, o) => o.writeHead(503).end(), 'Unavailable', 'OutcomeUnknown'],
    ['a cut connection', (i) => i.socket.destroy(), 'Unavailable', 'OutcomeUnknown'],
    [
      'a cut in the middle of the body',
      (_i, o) => o.writeHead(200, { 'content-length': '99' }).write('{', () => o.destroy()),
      'Unavailable',
      'OutcomeUnknown',
    ],
    ['no answer', () => undefined, 'Unavailable', 'OutcomeUnknown'],
    ['a redirect', (_i, o) => o.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), 'Unavailable', 'OutcomeUnknown'],
  ];
  it.each(cases)('%s: what a read and what a write make of it', async (_name, answer, read, write) => {
    const url = await serve(answer);
    for (const fetchImpl of [undefined, fetch]) {
      await expect(httpExchange(request(url), fetchImpl)).rejects.toMatchObject({ kind: read });
      await expect(httpExchange(request(url, 'write'), fetchImpl)).rejects.toMatchObject({ kind: write });
    }
  });

  it.each([
    [400, 'rate-limited', 'RateLimited', 5_000],
    [401, 'rate-limited', 'RateLimited', 5_000],
    [503, 'rate-limited', 'RateLimited', 5_000],
    [401, 'credentials-rejected', 'CredentialsRejected', undefined],
  ] as const)('a %i that the vendor means as %s is %s, for a write too', async (status, meant, kind, retryAfter) => {
    const url = await serve((_i, o) => o.writeHead(status, { 'retry-after': '5' }).end('LIMIT'));
    const meaning: HttpRequest['meaning'] = ({ text }) => (text === 'LIMIT' ? meant : undefined);
    await expect(httpExchange({ ...request(url, 'write'), meaning })).rejects.toMatchObject({ kind, retryAfterMs: retryAfter });
  });

  it('makes exactly one call, and many at once over connections that are used again', async () => {
    let calls = 0;
    const sockets = new Set<unknown>();
    const url = await serve((incoming, response) => {
      calls += 1;
      sockets.add(incoming.socket);
      response.end('{}');
    });
    for (let round = 0; round < 5; round += 1)
      await Promise.all(Array.from({ length: 8 }, () => httpExchange({ ...request(url, 'write'), timeoutMs: 5_000 })));
    expect(calls).toBe(40);
    expect(sockets.size).toBe(8);
  });

  it('reads texts of several pieces whole, also where a character lies on their seam', async () => {
    const euro = Buffer.from(JSON.stringify({ text: '€'.repeat(40_000) }));
    const url = await serve((_i, o) => {
      o.write(euro.subarray(0, 60_001));
      setTimeout(() => o.end(euro.subarray(60_001)), 20);
    });
    const answer = await httpExchange({ ...request(url), timeoutMs: 5_000 });
    expect(answer.json()).toEqual({ text: '€'.repeat(40_000) });
  });

  it('a refused connection is Unavailable for a write too: nothing was sent', async () => {
    const url = await serve(() => undefined);
    server!.close();
    await once(server!, 'close');
    server = undefined;
    await expect(httpExchange(request(url, 'write'))).rejects.toMatchObject({ kind: 'Unavailable' });
  });

  it('says where it failed without the query, which may hold a key', async () => {
    const url = await serve((_i, o) => o.writeHead(500).end());
    const message = await httpExchange(request(url)).catch((error: Error) => error.message);
    expect(message).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/path: 500$/);
  });

  it('is ContractBroken when a body is read that is no JSON', async () => {
    const url = await serve((_i, o) => o.end('<html>'));
    const answer = await httpExchange(request(url));
    expect(() => answer.json()).toThrow(expect.objectContaining({ kind: 'ContractBroken' }));
  });

  it('takes over Retry-After, in seconds or as a date', async () => {
    const url = await serve((_i, o) => o.writeHead(429, { 'retry-after': '7' }).end());
    await expect(httpExchange(request(url))).rejects.toMatchObject({ retryAfterMs: 7_000 });
    const now = Date.parse('2026-11-23T10:00:00Z');
    const wait = (value: string) => retryAfterMs(new Headers({ 'retry-after': value }), now);
    expect(wait('Mon, 23 Nov 2026 10:00:05 GMT')).toBe(5_000);
    expect(wait('Mon, 23 Nov 2026 09:00:00 GMT')).toBe(0);
    expect(wait('soon')).toBeUndefined();
  });
});
