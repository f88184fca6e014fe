/** Prints each check as it is made, and counts. */
export class Checklist {
  #passed = 0;
  #failed = 0;

  check(name: string, holds: boolean, detail = ''): void {
    if (holds) this.#passed += 1;
    else this.#failed += 1;
    console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}${detail === '' ? '' : ` (${detail})`}`);
  }
  /** Shows both sides, whatever comes of it. */
  same(name: string, expected: unknown, found: unknown): void {
    const text = (value: unknown): string =>
      typeof value === 'string' ? value : JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v));
    this.check(name, text(expected) === text(found), `expected ${text(expected)}, found ${text(found)}`);
  }
  get failed(): number {
    return this.#failed;
  }
  summary(): string {
    return `${this.#passed} passed, ${this.#failed} failed`;
  }
}
