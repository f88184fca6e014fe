import { systemOptions } from './config.js';
import { startSandboxErp } from './erp/erp-server.js';
import { runProcess } from './kit/run-process.js';

await runProcess('sandbox-erp', () => startSandboxErp(systemOptions()));
