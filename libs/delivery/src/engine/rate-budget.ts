import type { Clock } from '@tieout/clock';
import type { ConnectionId, Instant } from '@tieout/model';
import type { Log } from '@tieout/persistence';
import type { DispatchAnswer } from '@tieout/policy';
import { backOffMs } from '../domain/outcomes.js';
import { notStarted, signalOf, type BudgetSignal } from '../domain/budget/budget-signal.js';
import { allowed, answered, throttled, unrestricted, type Concurrency } from '../domain/budget/concurrency.js';
import { dispatchGate, type DispatchGate } from '../domain/budget/dispatch-window.js';
import type { Rate } from '../domain/budget/gcra.js';
import type { RateBudget, RequestKind } from './budget.js';
import { SharedCircuit } from './budget-circuit.js';
import { SlotGrant } from './budget-grant.js';
import { Heartbeat } from './budget-heartbeat.js';
import { RequestQueue, RunningRequests } from './budget-queue.js';
import type { BudgetStore } from './budget-store.js';
import { RateTokens } from './budget-tokens.js';
import { BudgetTrial } from './budget-trial.js';
import { Waker } from './budget-waker.js';
import type { Timers } from './ports.js';

export interface BudgetLimit {
  /** Requests under way at the same time, of all replicas together. */
  readonly slots: number;
  readonly perSecond?: number | undefined;
}

export interface ConnectionBudgetOptions {
  readonly connection: ConnectionId;
  /** This process; the same after its restart wherever the platform gives it a name, so that it gets its slots back at once. */
  readonly instance: string;
  /** Asked again and again: policy may change. */
  readonly limit: () => BudgetLimit;
  /** What `use` runs is over after so long, whatever becomes of it. */
  readonly requestTimeoutMs: number;
  readonly mayDispatch: (at: Instant) => DispatchAnswer;
  readonly store: BudgetStore;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly log: Log;
}

const WINDOW_ASKED_MS = 250;
/** A rest shorter than this is waited for; for a longer one the caller gives its documents back. */
const WAITED_REST_MS = 1_000;
/** Documents are claimed so much ahead of the slot that becomes free, or it would lie idle while they are claimed. */
const CLAIM_AHEAD_MS = 100;
const TOKENS_AHEAD_MS = 200;
const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 5_000;

/** The budget of one connection, shared through a store, used without it: no round trip per request while all is well. */
export class ConnectionBudget implements RateBudget {
  readonly #queue = new RequestQueue();
  readonly #grant: SlotGrant;
  readonly #tokens: RateTokens;
  readonly #circuit: SharedCircuit;
  readonly #trial: BudgetTrial;
  readonly #heartbeat: Heartbeat;
  readonly #waker: Waker;
  #concurrency: Concurrency = unrestricted;
  readonly #running = new RunningRequests();
  #throttles = 0;
  #workedMs = -Infinity;
  #window: { readonly answer: DispatchAnswer; readonly askedMs: number } | undefined;
  #stopping = false;

  constructor(private readonly options: ConnectionBudgetOptions) {
    const { connection, store, timers, requestTimeoutMs, log } = options;
    this.#grant = new SlotGrant(options);
    this.#tokens = new RateTokens(connection, store, timers);
    this.#circuit = new SharedCircuit(connection, store, timers);
    this.#trial = new BudgetTrial({ circuit: this.#circuit, timers, forMs: requestTimeoutMs, changed: () => this.#pump() });
    this.#waker = new Waker(timers, () => this.#pump());
    this.#heartbeat = new Heartbeat({ connection, timers, log, beat: () => this.#beat() });
  }

  room(): number {
    const gate = this.#gate('send');
    if (!this.#grant.valid || this.#stopping || !gate.open) return 0;
    const waiting = this.#queue.size;
    if (gate.trialOnly) return waiting === 0 && this.#trial.possible ? 1 : 0;
    const slots = this.#cap() - this.#running.size + this.#releasesWithin(CLAIM_AHEAD_MS);
    const rate = this.#rate();
    const ahead = rate === undefined ? Infinity : this.#tokens.ahead(rate, this.#grant.replicas);
    return Math.max(0, Math.min(slots, ahead) - waiting);
  }

  use<T>(kind: RequestKind, request: () => Promise<T>, rank = 0): Promise<T> {
    const refusal = this.#refusal(kind);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise<T>((resolve, reject) => {
      const run = async (): Promise<void> => {
        const ended = this.#begin();
        try {
          const value = await request();
          ended();
          resolve(value);
        } catch (error) {
          ended(error);
          reject(error);
        }
      };
      this.#queue.push({ kind, sinceMs: this.options.timers.monotonicMs(), rank, run, refuse: reject });
      this.#pump();
    });
  }

  /** For one kind of request: reading back goes on while the window is closed. */
  paused(kind: RequestKind = 'send'): { readonly why: string; readonly until?: string } | undefined {
    if (this.#stopping) return { why: 'this process stops' };
    const none = this.#whyNoSlot();
    if (none !== undefined) return { why: none };
    const gate = this.#gate(kind);
    if (gate.open) return undefined;
    const until = gate.opensAt ?? this.#instantOf(gate.untilMs);
    return { why: gate.why, ...(until !== undefined && { until }) };
  }

  ailing(): boolean {
    return this.#circuit.circuit.failures > 0;
  }

  /** Tries to get a grant once; the heartbeat goes on trying. */
  async start(): Promise<void> {
    await this.#heartbeat.start();
  }

  /** Refuses what waits; what is under way keeps its slots in the store until it must be over. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#pump();
    this.#waker.stop();
    await this.#heartbeat.stop();
    await this.#circuit.settled();
    await this.#grant
      .leave(this.#running.size)
      .catch((error: unknown) => this.#tell(error, 'its slots stay reserved for a while'));
  }

  async #beat(): Promise<'settled' | 'unsettled' | 'lost'> {
    const { revision } = this.#circuit;
    const answer = await this.#grant.renew(this.options.limit().slots, this.#running.size);
    if (answer !== undefined) this.#circuit.adopt(answer, revision);
    this.#pump();
    if (answer === undefined) return 'lost';
    return this.#grant.unsettled || this.#circuit.state !== 'closed' ? 'unsettled' : 'settled';
  }

  /** Starts whatever may start. Everything that changes something ends here. */
  #pump(): void {
    this.#queue.refuse((kind) => this.#refusal(kind));
    const rate = this.#rate();
    let startable = this.#startable();
    for (; startable > 0; startable = this.#startable()) {
      const token = rate && this.#tokens.take();
      if (rate !== undefined && token === undefined) break;
      void this.#queue.next()?.run();
      if (token !== undefined) this.#tokens.used(token);
    }
    if (rate !== undefined && !this.#stopping) this.#topUp(rate, startable);
    // Those who wait are sent away when the grant runs out, also while the store does not answer at all.
    if (this.#queue.size > 0) this.#waker.in(this.#grant.validForMs);
  }

  /** How many of those who wait only need the rate. */
  #startable(): number {
    const most = Math.min(this.#queue.size, Math.max(0, this.#cap() - this.#running.size));
    if (most === 0) return 0;
    const { state } = this.#circuit;
    if (state === 'open') this.#waker.in(this.#restMs());
    if (state === 'half-open') return this.#trial.mine() ? 1 : 0;
    return state === 'open' ? 0 : most;
  }

  #topUp(rate: Rate, startable: number): void {
    const soon = this.#circuit.state === 'closed' ? this.#releasesWithin(TOKENS_AHEAD_MS) : 0;
    const demand = Math.min(this.#queue.size, startable + soon);
    this.#tokens.topUp(rate, demand, this.#grant.replicas).then(
      (asked) => asked && this.#pump(),
      (error: unknown) => {
        this.#tell(error, 'no rate could be booked');
        this.#pump();
      },
    );
    const waitMs = startable > 0 ? this.#tokens.waitMs() : undefined;
    if (waitMs !== undefined) this.#waker.in(waitMs);
  }

  /** A request starts. @returns what is to be called once, when it ended. */
  #begin(): (error?: unknown) => void {
    const startedMs = this.options.timers.monotonicMs();
    const trial = this.#circuit.state === 'half-open';
    if (trial) this.#trial.begin();
    this.#running.begin(startedMs);
    return (error) => {
      this.#running.end(startedMs);
      if (trial) this.#trial.end();
      const nowMs = this.options.timers.monotonicMs();
      this.#learn(error === undefined ? { kind: 'healthy' } : signalOf(error, nowMs - this.#workedMs), {
        startedMs,
        nowMs,
        trial,
      });
      this.#pump();
    };
  }

  #learn(signal: BudgetSignal, { startedMs, nowMs, trial }: { startedMs: number; nowMs: number; trial: boolean }): void {
    const granted = Math.max(1, this.#grant.cap);
    const lower = (restMs = 0) => void (this.#concurrency = throttled(this.#concurrency, { startedMs, nowMs, granted, restMs }));
    switch (signal.kind) {
      case 'healthy':
        this.#throttles = 0;
        this.#workedMs = nowMs;
        this.#concurrency = answered(this.#concurrency, { tookMs: nowMs - startedMs, nowMs, granted });
        return this.#share({ type: 'answered', trial });
      case 'not-started':
        return this.#share({ type: 'abandoned', trial });
      case 'throttled': {
        // What had started before the last decrease belongs to the same refusal.
        if (startedMs >= this.#concurrency.loweredMs) this.#throttles += 1;
        const again = this.#throttles > 1 || trial ? backOffMs(this.#throttles, FIRST_REST_MS, LONGEST_REST_MS) : 0;
        const restMs = signal.retryAfterMs ?? again;
        lower(restMs);
        return restMs > 0 ? this.#share({ type: 'throttled', trial, restMs }) : undefined;
      }
      case 'failed': {
        if (signal.throttle) lower(signal.retryAfterMs);
        const { reason, message, grave, retryAfterMs: restMs } = signal;
        return this.#share({ type: 'failed', trial, reason, message, grave, restMs });
      }
    }
  }

  #share(event: Parameters<SharedCircuit['learn']>[0]): void {
    this.#circuit.learn(event)?.then(
      () => this.#pump(),
      (error: unknown) => this.#tell(error, 'how the connection fares could not be shared'),
    );
  }

  #refusal(kind: RequestKind): Error | undefined {
    if (this.#stopping) return notStarted('this process stops');
    const none = this.#whyNoSlot();
    if (none !== undefined) return notStarted(none);
    const gate = this.#gate(kind);
    if (gate.open || (gate.cause === 'circuit' && this.#restMs() <= WAITED_REST_MS)) return undefined;
    return notStarted(gate.why);
  }

  #gate(kind: RequestKind): DispatchGate {
    const window = kind === 'send' ? this.#dispatch() : undefined;
    return dispatchGate(window, this.#circuit.circuit, this.options.timers.monotonicMs());
  }

  /** Policy's answer is a question of calendars and time zones: not asked for each request. */
  #dispatch(): DispatchAnswer {
    const { timers, clock, mayDispatch } = this.options;
    const nowMs = timers.monotonicMs();
    const known = this.#window;
    if (known !== undefined && nowMs - known.askedMs < WINDOW_ASKED_MS && !this.#over(known.answer)) return known.answer;
    const answer = mayDispatch(clock.now());
    this.#window = { answer, askedMs: nowMs };
    return answer;
  }

  #over(answer: DispatchAnswer): boolean {
    const end = answer.open ? answer.until : answer.opensAt;
    return end !== undefined && Date.parse(end) <= this.options.clock.epochMs();
  }

  #instantOf(monotonicMs: number | undefined): string | undefined {
    if (monotonicMs === undefined) return undefined;
    const { clock, timers } = this.options;
    return new Date(clock.epochMs() + monotonicMs - timers.monotonicMs()).toISOString();
  }

  #whyNoSlot(): string | undefined {
    const { lost, valid, cap } = this.#grant;
    if (lost) return `another process took over as ${this.options.instance}`;
    if (!valid) return 'its share of the connection could not be renewed';
    // With fewer slots than replicas: whoever waited here would wait for ever.
    return cap === 0 ? 'all slots of the connection belong to other replicas' : undefined;
  }

  #restMs(): number {
    return Math.max(0, (this.#circuit.circuit.restUntilMs ?? 0) - this.options.timers.monotonicMs());
  }

  #cap(): number {
    return this.#grant.valid ? allowed(this.#concurrency, this.#grant.cap) : 0;
  }

  #rate(): Rate | undefined {
    const { perSecond } = this.options.limit();
    return perSecond === undefined ? undefined : { perSecond };
  }

  #releasesWithin(ms: number): number {
    const { recentMs, samples } = this.#concurrency;
    return samples === 0 ? 0 : this.#running.endingWithin(ms, recentMs, this.options.timers.monotonicMs());
  }

  #tell(error: unknown, what: string): void {
    this.options.log.warn({ err: error, connection: this.options.connection }, `budget of ${this.options.connection}: ${what}`);
  }
}
