import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `attempt` until it neither throws nor answers false, and gives its answer. After `withinMs` it throws what the last
 * attempt threw. For conditions that come true some time after an event: never sleep for a guessed time instead.
 */
export async function eventually<T>(attempt: () => T | Promise<T>, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
    let failure: unknown;
    try {
      const answer = await attempt();
      if (answer !== false) return answer;
      failure = new Error('it still answers false');
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) throw lateBy(withinMs, failure);
    await sleep(pause);
  }
}

/** The last failure itself, so that an assertion keeps its diff; the time is added to its message. */
function lateBy(withinMs: number, failure: unknown): unknown {
  if (!(failure instanceof Error)) return new Error(`not true within ${withinMs} ms`, { cause: failure });
  failure.message = `not true within ${withinMs} ms: ${failure.message}`;
  return failure;
}
