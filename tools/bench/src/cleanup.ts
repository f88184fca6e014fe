/** What must be ended whatever happens, the latest first; also when Ctrl-C comes in the middle. */
export class Cleanup {
  readonly #ends: (() => Promise<unknown>)[] = [];

  /** @returns the thing that will be ended */
  add<T extends { stop(): Promise<unknown> }>(thing: T): T {
    this.#ends.push(() => thing.stop());
    return thing;
  }

  defer(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  async run(): Promise<void> {
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) await end();
  }
}
