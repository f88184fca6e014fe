/**
 * What a sandbox system can be told to do wrong. The first group concerns any request, the second what becomes of a booking, the third
 * look-ups, the last webhooks. `commit-then-...`: done, but the caller does not learn it.
 */
export const SANDBOX_FAULTS = [
  'unavailable',
  'unauthorised',
  'throttled',
  'server-error',
  'ok-with-error-body',
  'slow',
  'drop-connection',
  'commit-then-drop',
  'commit-then-500',
  'commit-then-401',
  'commit-then-slow',
  'created-nothing',
  'all-failed',
  'duplicate-accept',
  'replay-as-error',
  'cut-negatives',
  'refuse-later',
  'ignore-filters',
  'ignore-paging',
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
  /** For `slow` and `commit-then-slow`. */
  readonly ms?: number;
  /** Which requests; default writes; faults of access: all. */
  readonly on?: 'reads' | 'writes' | 'all';
}

/** Faults of access concern reads as much as writes; those of look-ups reads only. */
const ON_ALL: ReadonlySet<SandboxFault> = new Set([
  'unavailable',
  'unauthorised',
  'throttled',
  'ignore-filters',
  'ignore-paging',
]);

interface ActiveRule {
  readonly rule: FaultRule;
  left: number;
  occasions: number;
}

/** Faults that wait for their occasion. */
export class ArmedFaults {
  readonly fired: Partial<Record<SandboxFault, number>> = {};
  #rules: ActiveRule[] = [];

  arm(rules: readonly FaultRule[]): void {
    for (const rule of rules) this.#rules.push({ rule, left: rule.times ?? 1, occasions: 0 });
  }
  clear(): void {
    this.#rules = [];
  }
  /** Whether the fault happens now; each call is an occasion. */
  take(kind: SandboxFault, on: 'reads' | 'writes' = 'writes'): FaultRule | undefined {
    for (const active of this.#rules) {
      const { rule } = active;
      const scope = rule.on ?? (ON_ALL.has(kind) ? 'all' : 'writes');
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
  get armed(): readonly (FaultRule & { readonly left: number })[] {
    return this.#rules.map(({ rule, left }) => ({ ...rule, left }));
  }
}
