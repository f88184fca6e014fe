/** Doubles from `firstMs` to `maxMs`; up to a quarter less, so that many that failed together do not return together. */
export const backOffMs = (
  attempt: number,
  { firstMs, maxMs }: { firstMs: number; maxMs: number },
  random = Math.random,
): number => Math.round(Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30)) * (1 - random() / 4));

/** A wait that can be cut short. */
export class Pause {
  readonly #ends = new Set<() => void>();
  #ended = false;

  wait(ms: number): Promise<void> {
    if (this.#ended || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#ends.add(end);
    });
  }

  /** Ends every wait, and every later one at once. */
  end(): void {
    this.#ended = true;
    for (const end of [...this.#ends]) end();
  }
}
