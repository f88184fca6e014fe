import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

const PATTERN = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** A W3C `traceparent`, or undefined when there is none or it is malformed: a bad header must never cost an hour. */
export const parseTraceparent = (text: string | null | undefined): SpanContext | undefined => {
  const match = PATTERN.exec(text ?? '');
  if (match === null) return undefined;
  const spanContext = { traceId: match[1]!, spanId: match[2]!, traceFlags: Number.parseInt(match[3]!, 16), isRemote: true };
  return isSpanContextValid(spanContext) ? spanContext : undefined;
};

export const formatTraceparent = (spanContext: SpanContext | undefined): string | undefined =>
  spanContext === undefined || !isSpanContextValid(spanContext)
    ? undefined
    : `00-${spanContext.traceId}-${spanContext.spanId}-${spanContext.traceFlags.toString(16).padStart(2, '0')}`;
