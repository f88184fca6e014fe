import { NodeSDK } from '@opentelemetry/sdk-node';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareEnvironment } from './config.js';
import { currentTraceId, currentTraceparent, inSpan, pinoOptions, recordSpan, withTraceparent } from './index.js';
import { formatTraceparent, parseTraceparent } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

interface Finished {
  name: string;
  status: { code: number };
  links: { context: { traceId: string } }[];
  startTime: [number, number];
  endTime: [number, number];
  parentSpanContext?: { spanId: string };
  spanContext(): { traceId: string };
}
const finished: Finished[] = [];

function logLines(write: (logger: pino.Logger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(pino(pinoOptions('test', 'info'), { write: (line: string) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('without an SDK', () => {
  it('runs the work and answers no trace', async () => {
    expect(await inSpan('work', { parent: PARENT }, async () => 7)).toBe(7);
    expect(recordSpan('post document', { startMs: 1, endMs: 2, parent: PARENT })).toBeUndefined();
    expect(currentTraceparent()).toBeUndefined();
  });
});

describe('with an SDK', () => {
  let sdk: NodeSDK;
  beforeAll(() => {
    const collect = {
      onStart: () => undefined,
      onEnd: (span: unknown) => void finished.push(span as Finished),
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    };
    sdk = new NodeSDK({ spanProcessors: [collect], metricReaders: [], logRecordProcessors: [], autoDetectResources: false });
    sdk.start();
  });
  afterAll(() => sdk.shutdown());
  beforeEach(() => void finished.splice(0));

  it('continues the trace of a traceparent, and records an error', async () => {
    const failing = inSpan('work', { parent: PARENT }, async () => {
      expect(currentTraceId()).toBe(TRACE);
      throw new Error('the ERP said no');
    });
    await expect(failing).rejects.toThrow('the ERP said no');
    expect(finished[0]!.parentSpanContext!.spanId).toBe('b7ad6b7169203331');
    expect(finished[0]!.status.code).toBe(2);
  });

  it('begins a new trace for parent null, even inside a span', async () => {
    await inSpan('outer', {}, () => inSpan('inner', { parent: null }, async () => undefined));
    expect(finished[0]!.spanContext().traceId).not.toBe(finished[1]!.spanContext().traceId);
    expect(finished[0]!.parentSpanContext).toBeUndefined();
  });

  it('records a finished span at the times given, before the process began, with links', () => {
    const traceparent = recordSpan('post line', {
      startMs: 1_500,
      endMs: 2_250,
      parent: PARENT,
      links: [PARENT, undefined, 'nonsense'],
    });
    expect(finished[0]!.startTime).toEqual([1, 500_000_000]);
    expect(finished[0]!.endTime).toEqual([2, 250_000_000]);
    expect(finished[0]!.links.map((link) => link.context.traceId)).toEqual([TRACE]);
    expect(traceparent?.startsWith(`00-${TRACE}-`)).toBe(true);
    expect(traceparent).not.toBe(PARENT);
  });

  it('carries a traceparent into the work of a message', () => {
    expect(withTraceparent(PARENT, currentTraceparent)).toBe(PARENT);
    expect(withTraceparent('nonsense', currentTraceparent)).toBeUndefined();
  });

  it('writes trace ids into log lines', () => {
    const [line] = logLines((logger) => withTraceparent(PARENT, () => logger.info('posted')));
    expect(line).toMatchObject({ service: 'test', level: 'info', msg: 'posted', trace_id: TRACE, span_id: 'b7ad6b7169203331' });
  });
});

describe('logs', () => {
  it('never show secrets, however deep', () => {
    const [line] = logLines((logger) =>
      logger.info({
        password: 'p1',
        req: { headers: { authorization: 'Bearer p2' } },
        settings: { apiKey: 'p3' },
        headers: { 'x-api-key': 'p4' },
      }),
    );
    expect(JSON.stringify(line)).not.toMatch(/p[1-4]/);
  });
});

describe('traceparent', () => {
  it('survives a round trip and refuses what is malformed', () => {
    expect(formatTraceparent(parseTraceparent(PARENT))).toBe(PARENT);
    for (const bad of [undefined, null, '', 'x', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `${PARENT}x`])
      expect(parseTraceparent(bad)).toBeUndefined();
  });
});

describe('environment', () => {
  it('turns telemetry on only with an endpoint, and keeps what the operator set', () => {
    expect(prepareEnvironment({})).toBe(false);
    const env: Record<string, string> = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_BSP_SCHEDULE_DELAY: '50' };
    expect(prepareEnvironment(env)).toBe(true);
    expect(env).toMatchObject({
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_MAX_QUEUE_SIZE: '65536',
    });
  });
});
