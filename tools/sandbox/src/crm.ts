import { systemOptions } from './config.js';
import { startSandboxCrm } from './crm/crm-server.js';
import { runProcess } from './kit/run-process.js';

await runProcess('sandbox-crm', () => startSandboxCrm(systemOptions()));
