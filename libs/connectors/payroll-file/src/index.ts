import type { Connector } from '@tieout/connector-kit';
import { Answers } from './client/answers.js';
import { Outbox } from './client/outbox.js';
import { parsePayrollFileConfig, type PayrollFileConfig } from './config.js';
import { PayrollFileControlReader } from './control-reader.js';
import { PAYROLL_FILE_MANIFEST } from './manifest.js';
import { PayrollFileTarget } from './posting-target.js';

export const payrollFile: Connector<PayrollFileConfig> = {
  manifest: PAYROLL_FILE_MANIFEST,
  parseConfig: parsePayrollFileConfig,
  postingTarget: (config, deps) => {
    const outbox = new Outbox(config.folder);
    return new PayrollFileTarget(outbox, new Answers(outbox, deps.clock, config.answerSettleMs), config);
  },
  controlReader: (config) => new PayrollFileControlReader(config.folder, config.acknowledgement),
};
