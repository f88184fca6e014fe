import type { Command } from 'commander';
import type { Wire } from '../call.js';
export const planCommand = (_policy: Command, _wire: Wire): void => undefined;
