import { ContractsController } from './adapters/http/contracts.controller.js';
import type { PartFactory } from './app-part.js';

export const contractsPart: PartFactory = () => ({ controllers: [ContractsController], providers: [] });
