import type { Failure } from './invariants.js';
import { shrink, sizeOf } from './shrink.js';
import { scriptOf } from './script-of.js';
import { simulate } from './simulate.js';
import type { PlantedBug } from './world.js';

/** What happened in one seed, as it is. */
export const storyOf = async (seed: number, bug: PlantedBug | undefined): Promise<string> => {
  const script = scriptOf(seed);
  const verdict = await simulate(script, { bug, telling: true });
  const { mischief, ...rest } = { mischief: script.mischief, size: sizeOf(script) };
  return [
    `seed ${seed}: ${rest.size}`,
    ...script.destinations.map((destination) => `  ${JSON.stringify(destination)}`),
    ...mischief.map((each) => `  ${JSON.stringify(each)}`),
    '',
    ...verdict.story,
    '',
    `trace hash ${verdict.traceHash}`,
  ].join('\n');
};

/** The shortest story that still ends in the same kind of failure. */
export const shrunkStoryOf = async (seed: number, failures: readonly Failure[], bug?: PlantedBug): Promise<string> => {
  const broken = new Set(failures.map(({ invariant }) => invariant));
  const whole = scriptOf(seed);
  const script = await shrink(whole, async (smaller) => {
    const verdict = await simulate(smaller, { bug });
    return verdict.failures.some(({ invariant }) => broken.has(invariant));
  });
  const { story } = await simulate(script, { bug, telling: true });
  return [`seed ${seed}, cut down from ${sizeOf(whole)}`, `  to ${sizeOf(script)}`, '', ...story].join('\n');
};
