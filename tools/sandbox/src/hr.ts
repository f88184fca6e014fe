import { systemOptions } from './config.js';
import { startSandboxHr } from './hr/hr-server.js';
import { runProcess } from './kit/run-process.js';

await runProcess('sandbox-hr', () => startSandboxHr(systemOptions()));
