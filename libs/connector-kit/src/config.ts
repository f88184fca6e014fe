/** Settings of one connection from `connections.yaml`, references (env:, file:) already resolved. */
export interface ConnectionSettings {
  readonly values: Readonly<Record<string, string>>;
  /** Names of settings that hold secrets: their values never appear in messages. */
  readonly secrets: ReadonlySet<string>;
}

export class ConfigProblem extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'ConfigProblem';
  }
}

/** Reads settings one by one and reports every problem at once. */
export class SettingsReader {
  readonly #problems: string[] = [];
  constructor(private readonly settings: ConnectionSettings) {}

  text(name: string, fallback?: string): string {
    const value = this.settings.values[name] ?? fallback;
    if (value === undefined || value === '') this.#problems.push(`setting "${name}" is missing: expected a text`);
    return value ?? '';
  }
  url(name: string): string {
    const value = this.text(name);
    if (value !== '' && !/^https?:\/\//.test(value))
      this.#problems.push(`setting "${name}" is ${this.#shown(name, value)}: expected an http(s) URL`);
    return value.replace(/\/+$/, '');
  }
  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const raw = this.settings.values[name];
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (!Number.isInteger(value) || value < range.min || value > range.max)
      this.#problems.push(
        `setting "${name}" is ${this.#shown(name, raw)}: expected a whole number from ${range.min} to ${range.max}`,
      );
    return value;
  }
  flag(name: string, fallback: boolean): boolean {
    const raw = this.settings.values[name];
    if (raw === undefined) return fallback;
    if (raw !== 'true' && raw !== 'false')
      this.#problems.push(`setting "${name}" is ${this.#shown(name, raw)}: expected true or false`);
    return raw === 'true';
  }
  choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const raw = this.settings.values[name];
    if (raw === undefined) return fallback;
    const chosen = choices.find((choice) => choice === raw);
    if (chosen === undefined)
      this.#problems.push(`setting "${name}" is ${this.#shown(name, raw)}: expected one of ${choices.join(', ')}`);
    return chosen ?? fallback;
  }
  /** What is wrong between settings that are right one by one. */
  problem(message: string): void {
    this.#problems.push(message);
  }
  /** @throws ConfigProblem when any setting read so far was wrong. */
  done(): void {
    if (this.#problems.length > 0) throw new ConfigProblem(this.#problems);
  }
  #shown(name: string, value: string): string {
    return this.settings.secrets.has(name) ? '(a secret)' : JSON.stringify(value);
  }
}
