import { check, isSettled, type Failure } from './invariants.js';
import { Network } from './network.js';
import { People } from './people.js';
import type { Script } from './script.js';
import { World, type PlantedBug } from './world.js';

const SLICE_MS = 2_000;
/** Whoever has not come to rest so long after the last trouble never will. */
const PATIENCE_MS = 15 * 60_000;
/** Late effects of the last requests. */
const STRAYS_MS = 15_000;

export interface Verdict {
  readonly failures: readonly Failure[];
  readonly traceHash: string;
  readonly story: readonly string[];
  readonly beyondUs: number;
  readonly events: number;
  readonly virtualMs: number;
}

export interface SimulateOptions {
  readonly bug?: PlantedBug | undefined;
  /** Writes the story down; the run is the same without. */
  readonly telling?: boolean;
}

/** Runs the engine through a script and looks at what came of it. */
export const simulate = async (script: Script, { bug, telling = false }: SimulateOptions = {}): Promise<Verdict> => {
  const world = new World(script, bug, telling);
  const network = new Network(world);
  const people = new People(world, () => comeToRest(world, world.time.nowMs));
  network.start();
  people.start();
  world.start();
  await comeToRest(world, Math.max(script.healMs, network.quietFromMs));
  await people.work();
  const { failures, beyondUs } = check(world);
  for (const { invariant, text } of failures) world.trace.note('invariant', `${invariant} broken: ${text}`);
  const { trace, time } = world;
  return { failures, beyondUs, traceHash: trace.hash, story: trace.story, events: time.events, virtualMs: time.nowMs };
};

const comeToRest = async (world: World, fromMs: number): Promise<void> => {
  const { time } = world;
  await time.run(fromMs);
  world.wakeAll();
  while (time.nowMs < fromMs + PATIENCE_MS) {
    await time.run(time.nowMs + SLICE_MS);
    if (!isSettled(world)) continue;
    await time.run(time.nowMs + STRAYS_MS);
    // Something may have come back meanwhile: a late effect, a look-up that was due only then.
    if (isSettled(world)) return;
  }
};
