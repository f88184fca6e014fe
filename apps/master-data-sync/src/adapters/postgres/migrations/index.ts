import { Handoffs1764050000000 } from './1764050000000-handoffs.js';
import { MasterData1763860000001 } from './1763860000001-master-data.js';

export const MIGRATIONS = [MasterData1763860000001, Handoffs1764050000000];
