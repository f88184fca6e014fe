import { context, trace, isSpanContextValid } from '@opentelemetry/api';
import type { LoggerOptions } from 'pino';

const SECRET_NAMES = [
  'authorization',
  'Authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'apiKey',
  'api_key',
  'key',
  '["x-api-key"]',
];
const at = (prefix: string, name: string): string =>
  name.startsWith('[') ? `${prefix}${name}` : prefix === '' ? name : `${prefix}.${name}`;

function traceIds(): Record<string, string> {
  const spanContext = trace.getSpanContext(context.active());
  return spanContext !== undefined && isSpanContextValid(spanContext)
    ? { trace_id: spanContext.traceId, span_id: spanContext.spanId }
    : {};
}

/** JSON lines with the ids of the active span. Secrets are redacted by name down to three levels; never log a whole config. */
export function pinoOptions(service: string, level: string): LoggerOptions {
  return {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    mixin: traceIds,
    redact: { paths: ['', '*', '*.*'].flatMap((prefix) => SECRET_NAMES.map((name) => at(prefix, name))), censor: '(redacted)' },
  };
}
