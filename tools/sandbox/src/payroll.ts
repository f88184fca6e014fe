import { systemOptions } from './config.js';
import { runProcess } from './kit/run-process.js';
import { startSandboxPayroll } from './payroll/payroll-server.js';

await runProcess('sandbox-payroll', () => startSandboxPayroll(systemOptions()));
