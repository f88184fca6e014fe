import type { Fault } from '../fault.js';
import { DEPLOYMENT_FAULTS } from './deployments.js';
import { ERP_FAULTS } from './erp.js';
import { GOVERNANCE_FAULTS } from './governance.js';
import { PROCESS_FAULTS } from './processes.js';
import { PSA_FAULTS } from './psa.js';
import { SERVER_FAULTS } from './servers.js';

/** Nothing goes wrong: what the others are measured against. */
export const CALM: Fault = { id: 'calm', what: 'nothing goes wrong', lastsMs: 0, strike: async () => undefined };

export const FAULTS: readonly Fault[] = [
  CALM,
  ...PROCESS_FAULTS,
  ...SERVER_FAULTS,
  ...ERP_FAULTS,
  ...PSA_FAULTS,
  ...DEPLOYMENT_FAULTS,
  ...GOVERNANCE_FAULTS,
];
