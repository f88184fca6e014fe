/** What the SDK reads from the environment unless the operator says otherwise. */
const DEFAULTS = {
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  // Logs go to stdout as JSON with trace ids.
  OTEL_LOGS_EXPORTER: 'none',
  // The process and host detectors would ship command lines and user names.
  OTEL_NODE_RESOURCE_DETECTORS: 'env,serviceinstance',
  // A batch of hundreds of entries records a span for each within milliseconds; the default queue (2,048) drops spans in silence.
  OTEL_BSP_MAX_QUEUE_SIZE: '65536',
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2048',
  OTEL_BSP_SCHEDULE_DELAY: '500',
  // A document span links to every member; the default (128) cuts the list.
  OTEL_SPAN_LINK_COUNT_LIMIT: '2048',
} as const;

/** Whether telemetry is wanted; sets the SDK's defaults when it is. */
export function prepareEnvironment(env: Record<string, string | undefined> = process.env): boolean {
  if ((env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '') === '') return false;
  for (const [name, value] of Object.entries(DEFAULTS)) env[name] ??= value;
  return true;
}
