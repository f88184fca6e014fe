import { BothEnds1763856000000 } from './1763856000000-both-ends.js';
import { Legs1763942400000 } from './1763942400000-legs.js';
import { Acceptances1764028800000 } from './1764028800000-acceptances.js';

export const RECONCILIATION_MIGRATIONS = [BothEnds1763856000000, Legs1763942400000, Acceptances1764028800000];
