import { describe, expect, it } from 'vitest';
import { BudgetTrial, type TrialOptions } from './budget-trial.js';

describe('BudgetTrial', () => {
  it('asks again for a trial that was granted and not begun in time', async () => {
    let nowMs = 0;
    let asked = 0;
    const circuit = {
      circuit: { trialUntilMs: undefined as number | undefined },
      tryOnce: async (forMs: number) => {
        asked += 1;
        circuit.circuit.trialUntilMs = nowMs + forMs;
        // The process stands still before it hears the answer.
        nowMs += 5_000;
        return true;
      },
    };
    const trial = new BudgetTrial({
      circuit: circuit as unknown as TrialOptions['circuit'],
      timers: { monotonicMs: () => nowMs },
      forMs: 4_000,
      changed: () => undefined,
    });
    expect(trial.mine()).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect([trial.mine(), trial.possible, asked]).toEqual([false, false, 1]);
    nowMs = circuit.circuit.trialUntilMs!;
    expect(trial.possible).toBe(true);
    expect(trial.mine()).toBe(false);
    expect(asked).toBe(2);
  });
});
