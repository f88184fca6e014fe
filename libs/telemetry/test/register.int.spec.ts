import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';

interface OtlpSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  kind: number;
}
const spans: OtlpSpan[] = [];
const metricNames: string[] = [];
let collector: Server;

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text);
    for (const resource of body.resourceSpans ?? []) for (const scope of resource.scopeSpans) spans.push(...scope.spans);
    for (const resource of body.resourceMetrics ?? [])
      for (const scope of resource.scopeMetrics) metricNames.push(...scope.metrics.map((m: { name: string }) => m.name));
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterAll(() => collector.close());

/** A service in small: an HTTP server that asks itself, in a trace that came with a message. */
const PROGRAM = `
  import { createServer } from 'node:http';
  import { once } from 'node:events';
  import { counter, inSpan, shutdownTelemetry } from '@tieout/telemetry';
  const server = createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = 'http://127.0.0.1:' + server.address().port;
  await inSpan('fetch page', { parent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, async () => (await fetch(address + '/time')).text());
  await fetch(address + '/health/live');
  counter('tieout.entries', 'entries seen').add(1);
  server.close();
  await shutdownTelemetry();
`;

async function run(env: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, ['--import', '@tieout/telemetry/register', '--input-type=module', '-e', PROGRAM], {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return (await once(child, 'exit'))[0] as number;
}

it('exports one trace across an outgoing call and the server that answers it, and metrics, over OTLP', async () => {
  const { port } = collector.address() as AddressInfo;
  expect(await run({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_SERVICE_NAME: 'probe' })).toBe(0);
  const trace = spans.filter((span) => span.traceId === '0af7651916cd43dd8448eb211c80319c');
  const fetching = trace.find((span) => span.name === 'fetch page')!;
  const client = trace.find((span) => span.kind === 3)!;
  const server = trace.find((span) => span.kind === 2)!;
  expect([fetching.parentSpanId, client.parentSpanId, server.parentSpanId]).toEqual([
    'b7ad6b7169203331',
    fetching.spanId,
    client.spanId,
  ]);
  expect(spans.filter((span) => span.kind === 2)).toHaveLength(1);
  expect(metricNames).toContain('tieout.entries');
});

it('does nothing without an endpoint', async () => {
  const before = spans.length;
  expect(await run({})).toBe(0);
  expect(spans).toHaveLength(before);
});
