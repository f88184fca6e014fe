import { Handoffs1764050000000 } from './1764050000000-handoffs.js';
import { MasterData1763860000001 } from './1763860000001-master-data.js';
import { GovernedMasterData1764000000002 } from './1764000000002-governed-master-data.js';

export const MIGRATIONS = [MasterData1763860000001, GovernedMasterData1764000000002, Handoffs1764050000000];
