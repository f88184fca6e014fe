import { describe, expect, it } from 'vitest';
import { circuitState, CLOSED, FAILURES_TO_OPEN, shiftCircuit, stepCircuit, type Circuit, type CircuitEvent } from './circuit.js';
import { dispatchGate } from './dispatch-window.js';

const failed = (more: Partial<Extract<CircuitEvent, { type: 'failed' }>> = {}): CircuitEvent => ({
  type: 'failed',
  trial: false,
  reason: 'CONNECTION_UNAVAILABLE',
  message: 'refused',
  grave: false,
  ...more,
});
const trialFailed = failed({ trial: true });
const open: Circuit = { failures: FAILURES_TO_OPEN, restUntilMs: 1_250, told: 'CONNECTION_UNAVAILABLE' };
const halfOpen: Circuit = { ...open, restUntilMs: 1_000 };

const all = (events: readonly CircuitEvent[], nowMs: number, from: Circuit = CLOSED) =>
  events.reduce((circuit, event) => stepCircuit(circuit, event, nowMs).circuit, from);

describe('the circuit of a connection', () => {
  it.each<[string, Circuit, CircuitEvent, Circuit, string | undefined]>([
    ['closed counts', CLOSED, failed(), { failures: 1 }, undefined],
    ['closed opens at the third', { failures: 2 }, failed(), open, 'faulted'],
    ['closed opens at once for what is grave', CLOSED, failed({ grave: true }), open, 'faulted'],
    ['closed rests as asked', CLOSED, failed({ restMs: 700 }), { failures: 1, restUntilMs: 1_700 }, undefined],
    ['closed forgets failures', { failures: 2 }, { type: 'answered', trial: false }, CLOSED, undefined],
    ['closed rests when throttled', CLOSED, { type: 'throttled', trial: false, restMs: 90 }, { failures: 0, restUntilMs: 1_090 }, undefined],
    ['closed needs no trial', CLOSED, { type: 'try', forMs: 9 }, CLOSED, undefined],
    ['closed abandons nothing', CLOSED, { type: 'abandoned', trial: false }, CLOSED, undefined],
    ['open ignores late failures', open, failed(), open, undefined],
    ['open ignores late answers', open, { type: 'answered', trial: false }, open, undefined],
    ['open rests longer when asked', open, { type: 'throttled', trial: false, restMs: 900 }, { ...open, restUntilMs: 1_900 }, undefined],
    ['open gives no trial', open, { type: 'try', forMs: 9 }, open, undefined],
    ['half-open gives a trial', halfOpen, { type: 'try', forMs: 9 }, { ...halfOpen, trialUntilMs: 1_009 }, 'trial'],
    ['half-open gives one only', { ...halfOpen, trialUntilMs: 1_001 }, { type: 'try', forMs: 9 }, { ...halfOpen, trialUntilMs: 1_001 }, undefined],
    ['half-open gives another when that one is overdue', { ...halfOpen, trialUntilMs: 999 }, { type: 'try', forMs: 9 }, { ...halfOpen, trialUntilMs: 1_009 }, 'trial'],
    ['half-open ignores who started before', halfOpen, failed(), halfOpen, undefined],
    ['half-open ignores their answers, too', halfOpen, { type: 'answered', trial: false }, halfOpen, undefined],
    ['half-open opens for longer', halfOpen, trialFailed, { ...open, failures: 4, restUntilMs: 1_500 }, undefined],
    ['half-open closes', halfOpen, { type: 'answered', trial: true }, CLOSED, 'recovered'],
    ['half-open frees a trial that never left', { ...halfOpen, trialUntilMs: 2_000 }, { type: 'abandoned', trial: true }, halfOpen, undefined],
    ['half-open rests when the trial is throttled', { ...halfOpen, trialUntilMs: 2_000 }, { type: 'throttled', trial: true, restMs: 50 }, { ...halfOpen, restUntilMs: 1_050 }, undefined],
  ])('%s', (_, from, event, to, news) => {
    expect(stepCircuit(from, event, 1_000)).toEqual({ circuit: to, ...(news !== undefined && { news }) });
  }); // prettier-ignore

  it('tells an outage once, however long it lasts', () => {
    const news: unknown[] = [];
    let circuit: Circuit = CLOSED;
    const take = (event: CircuitEvent, nowMs: number) => {
      const step = stepCircuit(circuit, event, nowMs);
      circuit = step.circuit;
      if (step.news) news.push(step.news);
    };
    for (let n = 0; n < 40; n++) take(failed({ trial: n >= 3 }), n * 60_000);
    take({ type: 'answered', trial: true }, 3_000_000);
    take({ type: 'answered', trial: false }, 3_000_001);
    expect(news).toEqual(['faulted', 'recovered']);
  });

  it('backs off from 0.25 s to 5 s, or 30 s where trying does harm, or as asked', () => {
    const rest = (failures: number, event: CircuitEvent) => stepCircuit({ failures }, event, 0).circuit.restUntilMs;
    expect([3, 4, 5, 6, 7, 8, 40].map((failures) => rest(failures - 1, trialFailed))).toEqual([
      250, 500, 1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
    expect(rest(40, failed({ trial: true, grave: true }))).toBe(30_000);
    expect(rest(5, failed({ trial: true, restMs: 17_000 }))).toBe(17_000);
    expect(rest(5, failed({ trial: true, restMs: 1e12 }))).toBe(3_600_000);
  });

  it('is the same on another clock', () => {
    const there = shiftCircuit({ ...halfOpen, trialUntilMs: 1_400 }, -1_000);
    expect(there).toEqual({ ...halfOpen, restUntilMs: 0, trialUntilMs: 400 });
    expect([circuitState(open, 1_249), circuitState(open, 1_250), circuitState(all([failed()], 0), 0)]).toEqual([
      'open',
      'half-open',
      'closed',
    ]);
  });
});

describe('the dispatch gate', () => {
  it('is shut by the window or by the circuit, and says which', () => {
    expect(dispatchGate({ open: false, why: 'freeze' }, open, 1_000)).toMatchObject({
      open: false,
      why: 'freeze',
      cause: 'window',
    });
    expect(dispatchGate(undefined, open, 1_000)).toMatchObject({ open: false, cause: 'circuit', untilMs: 1_250 });
    expect(dispatchGate({ open: true }, halfOpen, 1_000)).toEqual({ open: true, trialOnly: true });
    expect(dispatchGate({ open: true }, CLOSED, 1_000)).toEqual({ open: true, trialOnly: false });
  });
});
