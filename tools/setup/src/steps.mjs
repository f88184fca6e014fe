/** A step could not be done; the message says what failed, where, and what to do. */
export class StepFailed extends Error {}

/**
 * Runs a step under a heading and says how long it took.
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  console.log(`== ${name}`);
  const waiting = setInterval(() => console.log(`   ... ${name}: ${seconds()} so far`), 15_000);
  try {
    const result = await work();
    console.log(`   ${name}: done in ${seconds()}`);
    return result;
  } catch (error) {
    console.log(`   ${name}: failed after ${seconds()}`);
    throw error;
  } finally {
    clearInterval(waiting);
  }
}
