export { PLANTED_BUGS } from './planted/index.js';
export { scriptOf } from './script-of.js';
export type { Script } from './script.js';
export { shrink } from './shrink.js';
export { simulate, type SimulateOptions, type Verdict } from './simulate.js';
export type { PlantedBug } from './world.js';
