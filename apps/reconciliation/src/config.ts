import { BootProblem, type ServiceRuntime } from '@tieout/service-kit';

export interface ReconciliationConfig {
  /** How often a run starts by itself. */
  readonly everyMs: number;
  /** How long a difference must last before it is believed: longer than the destinations' read lag. */
  readonly rereadMs: number;
}

export const readReconciliationConfig = (env: ServiceRuntime['env']): ReconciliationConfig => {
  const seconds = (name: string, fallback: number): number => {
    const raw = env[name];
    const value = raw === undefined ? fallback : Number(raw);
    if (!Number.isFinite(value) || value <= 0)
      throw new BootProblem([`${name} is "${raw}": expected a number of seconds above 0`]);
    return value * 1000;
  };
  return { everyMs: seconds('RECONCILE_EVERY_SECONDS', 300), rereadMs: seconds('RECONCILE_REREAD_SECONDS', 5) };
};
