import { BothEnds1763856000000 } from './1763856000000-both-ends.js';

export const RECONCILIATION_MIGRATIONS = [BothEnds1763856000000];
