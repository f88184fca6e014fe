/**
 * Where a connection is cut. `before-sent`: nothing reached the system. `sent`: it has the request and may still be at work on it.
 * `executed`: it had answered. `mid-answer`: the caller got the first half of the answer.
 */
export const CUTS = ['before-sent', 'sent', 'executed', 'mid-answer'] as const;
export type Cut = (typeof CUTS)[number];

/** `writing`: creates, posts or discards a document. */
export type Effect = 'writing' | 'reading';

export interface PassingRequest {
  readonly effect: Effect;
  /** What it concerns, for example one document: nothing is cut so often that it never gets through. */
  readonly subject: string;
}

interface Dealing {
  /** One of so many requests is cut, evenly spread, so that a short run has its share as well. */
  readonly oneIn: number;
  /** No more than so many in the whole run, so that it ends. */
  readonly atMost: number;
}

const DEALING: Readonly<Record<Effect, Dealing>> = {
  writing: { oneIn: 3, atMost: 40 },
  reading: { oneIn: 20, atMost: 60 },
};
const CUTS_PER_SUBJECT = 2;
/** Mostly where the caller cannot know what became of it. */
const BAG: readonly Cut[] = ['sent', 'sent', 'sent', 'executed', 'executed', 'before-sent', 'mid-answer'];

/** Decides by a seed which requests lose their connection, and how. */
export class CutPlan {
  readonly #random: () => number;
  readonly #decks: Record<Effect, boolean[]> = { writing: [], reading: [] };
  readonly #bags: Record<Effect, Cut[]> = { writing: [], reading: [] };
  readonly #bySubject = new Map<string, number>();
  readonly #cuts: Record<Effect, number> = { writing: 0, reading: 0 };

  constructor(readonly seed: number) {
    this.#random = mulberry32(seed);
  }

  /** @returns undefined when the request may pass. */
  next({ effect, subject }: PassingRequest): Cut | undefined {
    const { oneIn, atMost } = DEALING[effect];
    const deck = this.#decks[effect];
    if (deck.length === 0) deck.push(...this.#shuffled(Array.from({ length: 2 * oneIn }, (_, n) => n < 2)));
    if (deck.pop() !== true || this.#cuts[effect] >= atMost) return undefined;
    const before = this.#bySubject.get(subject) ?? 0;
    if (effect === 'writing' && before >= CUTS_PER_SUBJECT) {
      // Not lost: another one is cut in its place.
      deck.unshift(true);
      return undefined;
    }
    this.#bySubject.set(subject, before + 1);
    this.#cuts[effect] += 1;
    const bag = this.#bags[effect];
    if (bag.length === 0) bag.push(...this.#shuffled(BAG));
    return bag.pop();
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const all = [...items];
    for (let i = all.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1));
      [all[i], all[j]] = [all[j]!, all[i]!];
    }
    return all;
  }
}

/** A generator of 32 bits: small, and the same on every machine. */
const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
