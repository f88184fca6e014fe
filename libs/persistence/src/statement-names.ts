const MOST = 500;

/**
 * Names of prepared statements: what is asked again is parsed and planned once per connection. What is asked once gets none, and a text that
 * is made anew each time cannot fill the server.
 */
export class StatementNames {
  readonly #names = new Map<string, string | undefined>();
  #next = 1;

  of(sql: string): string | undefined {
    if (!this.#names.has(sql)) {
      if (this.#names.size < MOST) this.#names.set(sql, undefined);
      return undefined;
    }
    const known = this.#names.get(sql);
    if (known !== undefined) return known;
    const name = `s${this.#next++}`;
    this.#names.set(sql, name);
    return name;
  }
}
