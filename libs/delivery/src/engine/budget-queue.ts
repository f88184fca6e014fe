import type { RequestKind } from './budget.js';

export interface WaitingRequest {
  readonly kind: RequestKind;
  /** Monotonic. */
  readonly sinceMs: number;
  /** Within its kind, the smaller goes first. */
  readonly rank: number;
  readonly run: () => Promise<void>;
  readonly refuse: (fault: Error) => void;
}

/** How long a request lets others pass, in milliseconds. Beyond it, it goes before a send that has just come: nothing starves. */
const PATIENCE_MS: Readonly<Record<RequestKind, number>> = { send: 0, 'look-up': 250, 'read-back': 1_000 };
const KINDS = Object.keys(PATIENCE_MS) as RequestKind[];

/** Requests that wait for a slot: by rank and then in the order of their coming for each kind, by age plus patience among the kinds. */
export class RequestQueue {
  readonly #lines: Readonly<Record<RequestKind, WaitingRequest[]>> = { send: [], 'look-up': [], 'read-back': [] };

  get size(): number {
    return KINDS.reduce((sum, kind) => sum + this.#lines[kind].length, 0);
  }

  push(request: WaitingRequest): void {
    const line = this.#lines[request.kind];
    let at = line.length;
    while (at > 0 && line[at - 1]!.rank > request.rank) at -= 1;
    line.splice(at, 0, request);
  }

  next(): WaitingRequest | undefined {
    let best: RequestKind | undefined;
    for (const kind of KINDS) if (this.#rank(kind) < (best === undefined ? Infinity : this.#rank(best))) best = kind;
    return best === undefined ? undefined : this.#lines[best].shift();
  }

  /** Sends away those for which there is a reason. */
  refuse(reasonOf: (kind: RequestKind) => Error | undefined): void {
    for (const kind of KINDS) {
      const line = this.#lines[kind];
      if (line.length === 0) continue;
      const reason = reasonOf(kind);
      if (reason !== undefined) for (const request of line.splice(0)) request.refuse(reason);
    }
  }

  #rank(kind: RequestKind): number {
    const line = this.#lines[kind];
    return line.length === 0 ? Infinity : Math.min(...line.map(({ sinceMs }) => sinceMs)) + PATIENCE_MS[kind];
  }
}

/** Of one slot. More would wait for longer than it takes to claim them. */
const MOST_AHEAD = 3;

/** Requests under way, and which of them will probably end soon. */
export class RunningRequests {
  readonly #startedMs: number[] = [];

  get size(): number {
    return this.#startedMs.length;
  }

  begin(startedMs: number): void {
    this.#startedMs.push(startedMs);
  }

  end(startedMs: number): void {
    this.#startedMs.splice(this.#startedMs.indexOf(startedMs), 1);
  }

  /**
   * How many requests their slots can take up within `ms`. `usualMs`: how long a request takes. One that takes twice that is stuck, and
   * nobody knows how long it will be.
   */
  endingWithin(ms: number, usualMs: number, nowMs: number): number {
    let ends = 0;
    for (const started of this.#startedMs) {
      const ranMs = nowMs - started;
      if (ranMs + ms < usualMs || ranMs > usualMs * 2 + ms) continue;
      // A short request is followed by others in the same slot.
      ends += Math.min(MOST_AHEAD, 1 + Math.floor((ms - Math.max(0, usualMs - ranMs)) / Math.max(1, usualMs)));
    }
    return ends;
  }
}
