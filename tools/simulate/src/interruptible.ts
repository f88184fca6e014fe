import type { Mischief, Point } from './script.js';
import type { Trace } from './trace.js';
import type { VirtualTime } from './virtual-time.js';

const never = new Promise<never>(() => undefined);

export interface InterruptibleOptions {
  readonly name: string;
  readonly replica: number;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly mischief: readonly Mischief[];
  readonly healMs: number;
  /** How often each point was reached so far, over all lives of the replica. */
  readonly reached: Map<string, number>;
  /** The process is gone; it starts again after so many milliseconds. */
  readonly onCrash: (restartAfterMs: number) => void;
}

/** One life of a process: it may die or sleep wherever it waits for something. What a dead one waits for never comes. */
export class Interruptible {
  alive = true;
  readonly name: string;
  #sleeping = false;
  #backlog: (() => void)[] = [];

  constructor(private readonly options: InterruptibleOptions) {
    this.name = options.name;
  }

  get awake(): boolean {
    return this.alive && !this.#sleeping;
  }

  /** Goes on after `delayMs` at the earliest: when it is awake. */
  later(delayMs: number, run: () => void): void {
    this.options.time.after(delayMs, () => this.#deliver(run));
  }

  /** Something may happen to the process here. */
  point(point: Point): void {
    const { reached, mischief, replica, time, healMs } = this.options;
    const nth = (reached.get(point) ?? 0) + 1;
    reached.set(point, nth);
    if (!this.alive || time.nowMs >= healMs) return;
    for (const each of mischief) {
      if (!this.alive) return;
      if (each.kind !== 'crash' && each.kind !== 'pause') continue;
      if (each.replica !== replica || each.point !== point || each.nth !== nth) continue;
      if (each.kind === 'crash') this.#crash(point, each.forMs);
      else this.#sleep(point, each.forMs);
    }
  }

  /** Passes a point and comes out of it after a while; never, if the process died. */
  async reach(point: Point, delayMs: number): Promise<void> {
    this.point(point);
    if (!this.alive) return never;
    if (delayMs === 0 && this.awake) return;
    return new Promise((resolve) => this.later(delayMs, resolve));
  }

  /** The same for what is called back. */
  pass(point: Point, run: () => void): void {
    this.point(point);
    this.#deliver(run);
  }

  /** The nth fault of a kind that is counted like a point. */
  databaseFault(): 'refused' | 'answer-lost' | undefined {
    const { reached, mischief, replica, time, healMs } = this.options;
    const nth = (reached.get('database') ?? 0) + 1;
    reached.set('database', nth);
    if (time.nowMs >= healMs) return undefined;
    for (const each of mischief) if (each.kind === 'database' && each.replica === replica && each.nth === nth) return each.fault;
    return undefined;
  }

  #deliver(run: () => void): void {
    if (!this.alive) return;
    if (this.#sleeping) this.#backlog.push(run);
    else run();
  }

  #crash(point: Point, forMs: number): void {
    const { trace, name, onCrash } = this.options;
    trace.note(name, `dies (${point})`);
    this.alive = false;
    this.#backlog = [];
    onCrash(forMs);
  }

  #sleep(point: Point, forMs: number): void {
    const { trace, name, time, healMs } = this.options;
    if (this.#sleeping) return;
    trace.note(name, `stands still (${point})`);
    this.#sleeping = true;
    time.after(Math.min(forMs, Math.max(0, healMs - time.nowMs)), () => this.#wake());
  }

  #wake(): void {
    if (!this.alive) return;
    this.options.trace.note(this.name, 'goes on');
    this.#sleeping = false;
    // One by one, so that each is followed to the end of its promises, and still in order.
    for (const run of this.#backlog.splice(0)) this.later(0, run);
  }
}
