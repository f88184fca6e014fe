/** `node --import @tieout/telemetry/register dist/main.js`. Nothing is loaded unless OTEL_EXPORTER_OTLP_ENDPOINT is set. */
import { prepareEnvironment } from './config.js';

if (prepareEnvironment()) await import('./start-sdk.js');
