interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

export interface Appointment {
  cancel(): void;
}

/** Waits until every promise that can go on has gone on: next ticks run when the microtasks are drained. */
const drained = (): Promise<void> => new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));

/**
 * Time that jumps from one event to the next. Events of the same millisecond run in the order they were made, each to the end of
 * its promises, so a run depends on nothing but what is put in.
 */
export class VirtualTime {
  nowMs = 0;
  events = 0;
  #order = 0;
  readonly #heap: Event[] = [];

  /** @param delayMs from now; below zero counts as now. */
  after(delayMs: number, run: () => void): Appointment {
    const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run, cancelled: false };
    push(this.#heap, event);
    return { cancel: () => void (event.cancelled = true) };
  }

  /** Runs events until `untilMs` or until there are none. @returns false when events are left. */
  async run(untilMs: number, stop: () => boolean = () => false): Promise<boolean> {
    for (;;) {
      const next = this.#heap[0];
      if (stop()) return false;
      if (next === undefined || next.atMs > untilMs) {
        this.nowMs = untilMs;
        return next === undefined;
      }
      pop(this.#heap);
      if (next.cancelled) continue;
      this.nowMs = next.atMs;
      this.events += 1;
      next.run();
      await drained();
    }
  }
}

const before = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

const push = (heap: Event[], event: Event): void => {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(event, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = event;
};

const pop = (heap: Event[]): void => {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
};
