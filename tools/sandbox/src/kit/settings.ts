export const SANDBOX_PROTOCOLS = ['idempotency-key', 'upsert', 'draft-then-post', 'look-up', 'none'] as const;
export type SandboxProtocol = (typeof SANDBOX_PROTOCOLS)[number];

/** How a system says that it was asked too much: rightly (429), or as something else. */
export const THROTTLE_STATUSES = [429, 400, 401, 503] as const;
export const RETRY_AFTER_FORMS = ['seconds', 'date', 'none'] as const;

export interface PanelSettings {
  latencyMs: number;
  latencyPerLineMs: number;
  /** Requests per second; 0: no limit. */
  ratePerSecond: number;
  /** Requests at once; 0: no limit. */
  concurrency: number;
  /** Slots of `concurrency` that somebody else holds. */
  foreignLoad: number;
  throttleStatus: (typeof THROTTLE_STATUSES)[number];
  retryAfter: (typeof RETRY_AFTER_FORMS)[number];
  /** Reads show a booking only after this. */
  readLagMs: number;
  /** What the ERP offers against booking twice. */
  protocol: SandboxProtocol;
  /** False: the Idempotency-Key header is taken and means nothing. */
  idempotencyKeys: boolean;
  /** True: bad lines are left out and named, the rest is booked. */
  partialAcceptance: boolean;
  /** False: a document with a bad line is refused without saying which. */
  namesBadLines: boolean;
  /** True: a yes is a ticket; what became of it is known after `bookAfterMs`. */
  answersLater: boolean;
  bookAfterMs: number;
  /** A line with one of these as employee, project, task or line reference is bad. */
  refusedCodes: readonly string[];
  /** False: two projects may carry one code. */
  uniqueCodes: boolean;
}

export const DEFAULT_PANEL: PanelSettings = {
  latencyMs: 0,
  latencyPerLineMs: 0,
  ratePerSecond: 0,
  concurrency: 0,
  foreignLoad: 0,
  throttleStatus: 429,
  retryAfter: 'seconds',
  readLagMs: 0,
  protocol: 'idempotency-key',
  idempotencyKeys: true,
  partialAcceptance: false,
  namesBadLines: true,
  answersLater: false,
  bookAfterMs: 200,
  refusedCodes: [],
  uniqueCodes: true,
};

const CHOICES: Readonly<Partial<Record<keyof PanelSettings, readonly unknown[]>>> = {
  throttleStatus: THROTTLE_STATUSES,
  retryAfter: RETRY_AFTER_FORMS,
  protocol: SANDBOX_PROTOCOLS,
};

const wrong = (name: string, value: unknown): string | undefined => {
  if (!(name in DEFAULT_PANEL)) return `unknown setting ${name}; settings are ${Object.keys(DEFAULT_PANEL).join(', ')}`;
  const [key, shown] = [name as keyof PanelSettings, JSON.stringify(value)];
  const choices = CHOICES[key];
  if (choices) return choices.includes(value) ? undefined : `${name} is ${shown}: expected one of ${choices.join(', ')}`;
  if (key === 'refusedCodes')
    return Array.isArray(value) && value.every((code) => typeof code === 'string')
      ? undefined
      : `${name} is ${shown}: expected a list of texts`;
  if (typeof DEFAULT_PANEL[key] === 'boolean')
    return typeof value === 'boolean' ? undefined : `${name} is ${shown}: expected true or false`;
  return typeof value === 'number' && value >= 0 ? undefined : `${name} is ${shown}: expected a number from 0`;
};

/** What is wrong with settings that came from outside; empty: nothing. */
export const settingsProblems = (settings: unknown): readonly string[] =>
  typeof settings === 'object' && settings !== null && !Array.isArray(settings)
    ? Object.entries(settings).flatMap(([name, value]) => wrong(name, value) ?? [])
    : ['expected an object of settings'];
