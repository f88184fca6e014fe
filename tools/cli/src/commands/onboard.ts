import type { Command } from 'commander';
import type { Wire } from '../call.js';
export const onboardCommands = (_program: Command, _wire: Wire): void => undefined;
