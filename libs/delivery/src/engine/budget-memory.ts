import { CLOSED, stepCircuit, type Circuit, type CircuitEvent, type CircuitNews } from '../domain/budget/circuit.js';
import { reserve, type Rate, type RateAsk, type RateBook } from '../domain/budget/gcra.js';
import { grant, leave, type Beat, type Share } from '../domain/budget/budget-shares.js';
import type { BudgetStore } from './budget-store.js';

interface Book {
  shares: Share[];
  rate: RateBook | undefined;
  circuit: Circuit;
}

/** The shared budget where all replicas live in one process: for simulation. */
export class MemoryBudgetStore implements BudgetStore {
  readonly #books = new Map<string, Book>();

  constructor(
    private readonly nowMs: () => number,
    private readonly onNews: (connection: string, news: CircuitNews) => void = () => undefined,
  ) {}

  async beat(connection: string, beat: Beat) {
    const book = this.#book(connection);
    const nowMs = this.nowMs();
    const verdict = grant(book.shares, beat, nowMs);
    if (verdict.kind === 'lost') return verdict;
    this.#put(book, verdict.share);
    const { share, target, replicas } = verdict;
    return { kind: 'granted' as const, life: share.life, slots: share.slots, target, replicas, nowMs, circuit: book.circuit };
  }

  async leave(connection: string, me: { readonly instance: string; readonly life: number; readonly holds: number }) {
    const book = this.#book(connection);
    const share = book.shares.find(({ instance, life }) => instance === me.instance && life === me.life);
    if (share) this.#put(book, leave(share, me.holds));
  }

  async reserve(connection: string, rate: Rate, ask: RateAsk) {
    const book = this.#book(connection);
    const nowMs = this.nowMs();
    const reservation = reserve(book.rate, nowMs, rate, ask);
    book.rate = reservation;
    return { ...reservation, nowMs };
  }

  async learn(connection: string, event: CircuitEvent) {
    const book = this.#book(connection);
    const nowMs = this.nowMs();
    const { circuit, news } = stepCircuit(book.circuit, event, nowMs);
    book.circuit = circuit;
    if (news) this.onNews(connection, news);
    return { circuit, news, nowMs };
  }

  #book(connection: string): Book {
    let book = this.#books.get(connection);
    if (!book) this.#books.set(connection, (book = { shares: [], rate: undefined, circuit: CLOSED }));
    return book;
  }

  #put(book: Book, share: Share): void {
    book.shares = [...book.shares.filter(({ instance }) => instance !== share.instance), share];
  }
}
