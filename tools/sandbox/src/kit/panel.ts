import { ArmedFaults, type FaultRule, type SandboxFault } from './faults.js';
import { Limits } from './limits.js';
import { DEFAULT_PANEL, type PanelSettings } from './settings.js';

/** Switches of one sandbox system, and what it saw: tests assert on both. */
export class Panel {
  readonly settings: PanelSettings;
  readonly limits = new Limits();
  readonly #faults = new ArmedFaults();

  constructor(settings: Partial<PanelSettings> = {}) {
    this.settings = { ...DEFAULT_PANEL, ...settings };
  }
  arm(...rules: FaultRule[]): void {
    this.#faults.arm(rules);
  }
  clear(): void {
    this.#faults.clear();
  }
  /** Whether the fault happens now; each call is an occasion. */
  take(kind: SandboxFault, on: 'reads' | 'writes' = 'writes'): FaultRule | undefined {
    return this.#faults.take(kind, on);
  }
  get fired(): Readonly<Partial<Record<SandboxFault, number>>> {
    return this.#faults.fired;
  }
  snapshot(): Record<string, unknown> {
    const { requests, limited, running, mostAtOnce, perSecond } = this.limits;
    const { settings, fired } = this;
    return { settings, fired, requests, limited, running, mostAtOnce, perSecond, armed: this.#faults.armed };
  }
}
