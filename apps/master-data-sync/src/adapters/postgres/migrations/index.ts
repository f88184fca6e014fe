import { MasterData1763860000001 } from './1763860000001-master-data.js';

export const MIGRATIONS = [MasterData1763860000001];
