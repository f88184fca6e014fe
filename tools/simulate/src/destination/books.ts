import type { PostingDocument, PostingLine } from '@tieout/connector-kit';

export interface Booked {
  readonly externalId: string;
  readonly reference: string;
  readonly contentHash: string;
  readonly period: string;
  readonly lines: readonly PostingLine[];
  state: 'draft' | 'posted' | 'discarded';
  /** Reads show the state only from then on; before, what it was. */
  visibleAtMs: number;
  bookedAtMs: number;
  /** Booked by a request that slept on its way out, or by a gateway that repeats: nothing of ours could have stopped it. */
  readonly beyondUs: boolean;
  /** Whether the period was open when it was booked. */
  periodWasOpen: boolean;
}

/** What stands in a destination: the truth that everything else is checked against. */
export class Books {
  readonly documents: Booked[] = [];
  #made = 0;

  enter(
    document: PostingDocument,
    o: {
      lines: readonly PostingLine[];
      state: 'draft' | 'posted';
      nowMs: number;
      visibleAtMs: number;
      beyondUs: boolean;
      periodWasOpen: boolean;
    },
  ): Booked {
    const booked: Booked = {
      externalId: `${o.state === 'draft' ? 'D' : 'J'}-${(this.#made += 1)}`,
      reference: document.documentKey,
      contentHash: document.contentHash,
      period: document.postingPeriod,
      lines: o.lines,
      state: o.state,
      visibleAtMs: o.visibleAtMs,
      bookedAtMs: o.nowMs,
      beyondUs: o.beyondUs,
      periodWasOpen: o.periodWasOpen,
    };
    this.documents.push(booked);
    return booked;
  }

  posted(reference: string): Booked | undefined {
    return this.documents.find((booked) => booked.reference === reference && booked.state === 'posted');
  }

  byId(externalId: string): Booked | undefined {
    return this.documents.find((booked) => booked.externalId === externalId);
  }

  standing(): Booked[] {
    return this.documents.filter((booked) => booked.state === 'posted');
  }
}

/** What a read shows: a state that is too new shows as what it was before. */
export const shownState = (booked: Booked, nowMs: number): 'draft' | 'posted' | undefined => {
  if (booked.state === 'discarded') return undefined;
  if (booked.visibleAtMs <= nowMs) return booked.state;
  return booked.externalId.startsWith('D') && booked.state === 'posted' ? 'draft' : undefined;
};
