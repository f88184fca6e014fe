import type { ErpJournal } from './erp-words.js';

/** Position in the books by posting date; grows only at its end, so a reader who pages misses nothing that stood when it began. */
export interface Place {
  readonly date: string;
  readonly position: number;
}

/** Ways into the journals that do not go through all of them. */
export class JournalIndex {
  readonly #byReference = new Map<string, string[]>();
  readonly #byDate = new Map<string, string[]>();
  #dates: readonly string[] = [];
  /** Built when first asked for: loading and booking do without. */
  #byLineRef: Map<string, Set<string>> | undefined;

  addReference(reference: string, journalNo: string): void {
    if (reference === '') return;
    const numbers = this.#byReference.get(reference);
    if (numbers) numbers.push(journalNo);
    else this.#byReference.set(reference, [journalNo]);
  }
  dropReference(reference: string, journalNo: string): void {
    const left = (this.#byReference.get(reference) ?? []).filter((no) => no !== journalNo);
    if (left.length > 0) this.#byReference.set(reference, left);
    else this.#byReference.delete(reference);
  }
  addPosted(journal: ErpJournal): void {
    const numbers = this.#byDate.get(journal.journalDate);
    if (numbers) numbers.push(journal.journalNo);
    else {
      this.#byDate.set(journal.journalDate, [journal.journalNo]);
      this.#dates = [...this.#byDate.keys()].sort();
    }
    if (this.#byLineRef) addLines(this.#byLineRef, journal);
  }
  byReference(reference: string): readonly string[] {
    return this.#byReference.get(reference) ?? [];
  }
  /** Journals that have, or once had, the line, be it as a member of a summed one. */
  byLineRef(lineRef: string, journals: Iterable<ErpJournal>): readonly string[] {
    if (!this.#byLineRef) {
      this.#byLineRef = new Map();
      for (const journal of journals) addLines(this.#byLineRef, journal);
    }
    return [...(this.#byLineRef.get(lineRef) ?? [])];
  }
  /** Numbers with a posting date in the window, from a place on. */
  *between(from: string, to: string, start: Place): Generator<Place & { readonly journalNo: string }> {
    for (const date of this.#dates) {
      if (date < from || date > to || date < start.date) continue;
      const numbers = this.#byDate.get(date)!;
      for (let position = date === start.date ? start.position : 0; position < numbers.length; position += 1)
        yield { date, position, journalNo: numbers[position]! };
    }
  }
}

const addLines = (index: Map<string, Set<string>>, { journalNo, lines }: ErpJournal): void => {
  const add = (lineRef: string): void => {
    const numbers = index.get(lineRef);
    if (numbers) numbers.add(journalNo);
    else index.set(lineRef, new Set([journalNo]));
  };
  for (const { lineRef, members = [] } of lines) {
    add(lineRef);
    for (const member of members) add(member.lineRef);
  }
};
