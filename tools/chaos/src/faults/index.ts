import type { Fault } from '../fault.js';
import { PROCESS_FAULTS } from './processes.js';
import { SERVER_FAULTS } from './servers.js';

/** Nothing goes wrong: what the others are measured against. */
export const CALM: Fault = { id: 'calm', what: 'nothing goes wrong', lastsMs: 0, strike: async () => undefined };

export const FAULTS: readonly Fault[] = [CALM, ...PROCESS_FAULTS, ...SERVER_FAULTS];
