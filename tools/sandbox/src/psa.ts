import { systemOptions, webhookOptions } from './config.js';
import { runProcess } from './kit/run-process.js';
import { startSandboxPsa } from './psa/psa-server.js';

await runProcess('sandbox-psa', () => startSandboxPsa({ ...systemOptions(), ...webhookOptions() }));
