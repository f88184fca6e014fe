export { ATTR } from './attributes.js';
export { currentTraceId, currentTraceparent, inSpan, recordSpan, withTraceparent, type SpanOptions } from './spans.js';
export { counter, gauge, histogram } from './metrics.js';
export { pinoOptions } from './logging.js';
export { shutdownTelemetry } from './lifecycle.js';
