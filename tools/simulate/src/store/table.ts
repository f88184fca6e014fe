/** What a transaction changed, so that it can be taken back. */
export class Journal {
  readonly #undo: (() => void)[] = [];
  #open = false;
  /** Rises with everything that changes. */
  version = 0;

  begin(): void {
    if (this.#open) throw new Error('transactions of the simulation run one after the other');
    this.#open = true;
  }
  commit(): void {
    this.#open = false;
    this.#undo.length = 0;
  }
  rollBack(): void {
    this.#open = false;
    this.version += 1;
    while (this.#undo.length > 0) this.#undo.pop()!();
  }
  /** Outside a transaction every statement commits by itself. */
  changed(undo: () => void): void {
    this.version += 1;
    if (this.#open) this.#undo.push(undo);
  }
}

/** Rows never change: a new one takes the place of the old, so whoever read one keeps what was read. */
export class Table<R extends object> {
  readonly #rows = new Map<string, R>();
  constructor(private readonly journal: Journal) {}

  get(key: string): R | undefined {
    return this.#rows.get(key);
  }
  all(): IterableIterator<R> {
    return this.#rows.values();
  }
  get size(): number {
    return this.#rows.size;
  }
  where(fits: (row: R) => boolean): R[] {
    const found: R[] = [];
    for (const row of this.#rows.values()) if (fits(row)) found.push(row);
    return found;
  }
  put(key: string, row: R): void {
    const before = this.#rows.get(key);
    this.#rows.set(key, row);
    this.journal.changed(before === undefined ? () => void this.#rows.delete(key) : () => void this.#rows.set(key, before));
  }
  change(key: string, change: Partial<R>): void {
    this.put(key, { ...this.#rows.get(key)!, ...change });
  }
}

/** Grows only. */
export class Log<R> {
  readonly rows: R[] = [];
  constructor(private readonly journal: Journal) {}
  append(rows: readonly R[]): void {
    const length = this.rows.length;
    this.rows.push(...rows);
    this.journal.changed(() => void (this.rows.length = length));
  }
}
