/** Answers what is wrong, or undefined when nothing is. */
export type ReadinessCheck = () => Promise<string | undefined>;

export interface ReadinessReport {
  readonly ready: boolean;
  /** By check: 'ok', or what is wrong. */
  readonly checks: Readonly<Record<string, string>>;
}

// Shorter than a probe's usual timeout, so that the answer says what is away instead of not coming.
const CHECK_LIMIT_MS = 1_500;

export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();

  add(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  async report(): Promise<ReadinessReport> {
    const entries = await Promise.all([...this.#checks].map(async ([name, check]) => [name, await outcome(check)] as const));
    return { ready: entries.every(([, text]) => text === 'ok'), checks: Object.fromEntries(entries) };
  }
}

async function outcome(check: ReadinessCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>(
    (resolve) => (timer = setTimeout(() => resolve(`no answer within ${CHECK_LIMIT_MS} ms`), CHECK_LIMIT_MS)),
  );
  const answer = check().then(
    (problem) => problem ?? 'ok',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
