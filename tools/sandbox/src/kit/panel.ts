/** What a sandbox system can be told to do wrong. The first six concern any request, the rest one system's own acts. */
export const SANDBOX_FAULTS = [
  'unavailable',
  'unauthorised',
  'server-error',
  'ok-with-error-body',
  'slow',
  'drop-connection',
  'commit-then-drop',
  'commit-then-500',
  'created-nothing',
  'duplicate-accept',
  'webhook-drop',
  'webhook-duplicate',
  'webhook-reorder',
] as const;
export type SandboxFault = (typeof SANDBOX_FAULTS)[number];

export interface FaultRule {
  readonly kind: SandboxFault;
  /** How often it happens; 0: until cleared. Default 1. */
  readonly times?: number;
  /** Only at every n-th occasion. Default 1. */
  readonly every?: number;
  /** For `slow`. */
  readonly ms?: number;
  /** Which requests; default writes, for `unavailable` and `unauthorised` all. */
  readonly on?: 'reads' | 'writes' | 'all';
}

export interface PanelSettings {
  latencyMs: number;
  latencyPerLineMs: number;
  /** Requests per second; 0: no limit. */
  ratePerSecond: number;
  /** Requests at once; 0: no limit. */
  concurrency: number;
  /** Reads show a booking only after this. */
  readLagMs: number;
  /** False: the Idempotency-Key header is ignored. */
  idempotencyKeys: boolean;
}

export const DEFAULT_PANEL: PanelSettings = {
  latencyMs: 0,
  latencyPerLineMs: 0,
  ratePerSecond: 0,
  concurrency: 0,
  readLagMs: 0,
  idempotencyKeys: true,
};

interface ActiveRule {
  readonly rule: FaultRule;
  left: number;
  occasions: number;
}

/** Switches of one sandbox system, and what it saw: tests assert on both. */
export class Panel {
  readonly settings: PanelSettings;
  readonly fired: Partial<Record<SandboxFault, number>> = {};
  requests = 0;
  limited = 0;
  running = 0;
  mostAtOnce = 0;
  #rules: ActiveRule[] = [];
  #tokens = 0;
  #refilledAt = Date.now();

  constructor(settings: Partial<PanelSettings> = {}) {
    this.settings = { ...DEFAULT_PANEL, ...settings };
  }
  arm(...rules: FaultRule[]): void {
    for (const rule of rules) this.#rules.push({ rule, left: rule.times ?? 1, occasions: 0 });
  }
  clear(): void {
    this.#rules = [];
  }
  /** Whether the fault happens now; each call is an occasion. */
  take(kind: SandboxFault, on: 'reads' | 'writes' = 'writes'): FaultRule | undefined {
    for (const active of this.#rules) {
      const { rule } = active;
      const scope = rule.on ?? (kind === 'unavailable' || kind === 'unauthorised' ? 'all' : 'writes');
      if (rule.kind !== kind || (scope !== 'all' && scope !== on)) continue;
      active.occasions += 1;
      if (active.occasions % (rule.every ?? 1) !== 0) continue;
      if ((rule.times ?? 1) !== 0) {
        if (active.left === 0) continue;
        active.left -= 1;
      }
      this.fired[kind] = (this.fired[kind] ?? 0) + 1;
      return rule;
    }
    return undefined;
  }
  /** @returns seconds to wait when over a limit. */
  enter(): number | undefined {
    this.requests += 1;
    const { concurrency, ratePerSecond } = this.settings;
    if (ratePerSecond > 0 && !this.#token(ratePerSecond)) {
      this.limited += 1;
      return 1;
    }
    if (concurrency > 0 && this.running >= concurrency) {
      this.limited += 1;
      return 1;
    }
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    return undefined;
  }
  leave(): void {
    this.running -= 1;
  }
  #token(rate: number): boolean {
    const now = Date.now();
    // A burst of one second's worth: what real limiters grant.
    this.#tokens = Math.min(rate, this.#tokens + ((now - this.#refilledAt) / 1000) * rate);
    this.#refilledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
  snapshot(): Record<string, unknown> {
    const { settings, fired, requests, limited, mostAtOnce } = this;
    return { settings, fired, requests, limited, mostAtOnce, armed: this.#rules.map(({ rule, left }) => ({ ...rule, left })) };
  }
}
