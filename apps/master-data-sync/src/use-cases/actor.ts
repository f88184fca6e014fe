/** Who did it, where no person asked for it. */
export const ACTOR = 'service:master-data-sync';
