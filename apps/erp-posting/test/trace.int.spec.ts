import { NodeSDK } from '@opentelemetry/sdk-node';
import { ATTR } from '@tieout/telemetry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { content, entry } from './builders.js';
import { World } from './world.js';

interface Finished {
  name: string;
  attributes: Record<string, unknown>;
  links: { context: { traceId: string; spanId: string } }[];
  parentSpanContext?: { spanId: string };
  spanContext(): { traceId: string; spanId: string };
}
const finished: Finished[] = [];
const sdk = new NodeSDK({
  spanProcessors: [
    {
      onStart: () => undefined,
      onEnd: (span: unknown) => void finished.push(span as Finished),
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    },
  ],
  metricReaders: [],
  logRecordProcessors: [],
  autoDetectResources: false,
});
let world: World;
beforeAll(async () => {
  sdk.start();
  world = await World.create();
});
afterAll(async () => {
  await sdk.shutdown();
  await world.close();
});

const traceOf = (n: number): string => String(n).padStart(32, 'a');

it('one trace per hour, from the event to the line in the document', async () => {
  const events = [1, 2, 3].map((n) => ({ n, traceparent: `00-${traceOf(n)}-00f067aa0ba902b7-01` }));
  for (const { n, traceparent } of events) await world.take([n, 1, content(), traceparent]);
  await world.settle();
  for (const { n } of events) {
    const own = finished.filter((span) => span.spanContext().traceId === traceOf(n));
    expect(own.map((span) => span.name)).toEqual(['take release', 'post line']);
    const [took, line] = own;
    expect(took!.parentSpanContext!.spanId).toBe('00f067aa0ba902b7');
    expect(line!.parentSpanContext!.spanId).toBe(took!.spanContext().spanId);
    expect(line!.attributes).toMatchObject({
      [ATTR.entryId]: entry(n),
      [ATTR.destination]: 'erp',
      [ATTR.legalEntity]: 'US01',
      'tieout.external_id': 'B1',
    });
  }
  const document = finished.find((span) => span.name === 'post document')!;
  expect(document.parentSpanContext).toBeUndefined();
  expect(document.links.map((link) => link.context.traceId).sort()).toEqual([traceOf(1), traceOf(2), traceOf(3)]);
  const lines = finished.filter((span) => span.name === 'post line');
  expect(lines.map((line) => line.links[0]!.context.spanId)).toEqual(Array(3).fill(document.spanContext().spanId));
});
