import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { register, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';
import { keepHandle } from './lifecycle.js';

if (!supportsSyncHooks()) throw new Error(`telemetry needs Node 24.11.1 or later; this is ${process.version}`);
// Only what is instrumented is hooked: hooking every import costs seconds of boot and 200 MB per service.
register({ include: ['http', 'https', 'node:http', 'node:https', 'pg', 'pg-pool'] });

const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => request.url?.startsWith('/health') ?? false }),
    // Without a parent these are polls and leases, thousands an hour that belong to no entry.
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
    new UndiciInstrumentation(),
  ],
});
sdk.start();
keepHandle(sdk);
