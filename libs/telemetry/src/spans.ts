import { context, SpanKind, SpanStatusCode, trace, type Context, type HrTime, type Link, type Span } from '@opentelemetry/api';
import { formatTraceparent, parseTraceparent } from './traceparent.js';

export interface SpanOptions {
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes?: Record<string, string | number | boolean>;
  /** Traceparents; absent and malformed ones are left out. */
  links?: readonly (string | undefined)[];
  /** A traceparent; null begins a new trace; absent: the active context. */
  parent?: string | null;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

const tracer = () => trace.getTracer('tieout');

function contextFor(parent: string | null | undefined): Context {
  if (parent === undefined) return context.active();
  const spanContext = parseTraceparent(parent);
  return spanContext === undefined ? trace.deleteSpan(context.active()) : trace.setSpanContext(context.active(), spanContext);
}

const linksOf = (traceparents: SpanOptions['links']): Link[] =>
  (traceparents ?? []).flatMap((text) => {
    const spanContext = parseTraceparent(text);
    return spanContext === undefined ? [] : [{ context: spanContext }];
  });

function startSpan(name: string, options: SpanOptions, parent: Context, startTime?: HrTime): Span {
  return tracer().startSpan(
    name,
    {
      kind: KINDS[options.kind ?? 'internal'],
      links: linksOf(options.links),
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
      ...(startTime === undefined ? {} : { startTime }),
    },
    parent,
  );
}

/** Runs `fn` with the span active; an error thrown by `fn` is recorded on the span and thrown on. */
export async function inSpan<T>(name: string, options: SpanOptions, fn: () => Promise<T>): Promise<T> {
  const parent = contextFor(options.parent);
  const span = startSpan(name, options, parent);
  try {
    return await context.with(trace.setSpan(parent, span), fn);
  } catch (error) {
    span.recordException(error instanceof Error ? error : String(error));
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    span.end();
  }
}

// A bare number below the process's start would be read as an offset from it, so the pair is spelled out.
const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];

/** Records a span that is already over (milliseconds since the epoch). Answers its traceparent; undefined when telemetry is off. */
export function recordSpan(
  name: string,
  options: SpanOptions & { startMs: number; endMs: number; error?: string },
): string | undefined {
  const parent = contextFor(options.parent);
  const span = startSpan(name, options, parent, hrTime(options.startMs));
  if (options.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: options.error });
  span.end(hrTime(options.endMs));
  const own = span.spanContext();
  // Without an SDK the API answers the parent's own context: there is no new span to be a parent of.
  return own.spanId === trace.getSpanContext(parent)?.spanId ? undefined : formatTraceparent(own);
}

const activeSpanContext = () => trace.getSpanContext(context.active());

export const currentTraceparent = (): string | undefined => formatTraceparent(activeSpanContext());

export const currentTraceId = (): string | undefined => currentTraceparent()?.split('-')[1];

/** Runs `fn` as a child of a trace that came with a message; an absent or malformed traceparent leaves the context as it is. */
export function withTraceparent<T>(traceparent: string | undefined, fn: () => T): T {
  const spanContext = parseTraceparent(traceparent);
  return spanContext === undefined ? fn() : context.with(trace.setSpanContext(context.active(), spanContext), fn);
}
