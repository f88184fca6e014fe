import type { PlantedBug } from '../world.js';
import { BUGS_AT_THE_DESTINATION } from './bugs-at-the-destination.js';
import { BUGS_IN_THE_STORE } from './bugs-in-the-store.js';

/** Errors that a simulation worth its name finds. */
export const PLANTED_BUGS: readonly PlantedBug[] = [...BUGS_AT_THE_DESTINATION, ...BUGS_IN_THE_STORE];
