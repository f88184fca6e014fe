/** What stands on the subject now. */
export interface LastRevision {
  /** Sequence in the stream, for expected-last-subject-sequence. */
  readonly sequence: number;
  readonly eventId: string;
  readonly revision: number;
}

export type LastDecision =
  { readonly do: 'publish'; readonly expectLastSubjectSequence: number } | { readonly do: 'skip'; readonly superseded: boolean };

/**
 * What to do with a revision, given what stands on its subject. Finding itself there, the row was published before a crash; only a
 * re-emission says it once more, for a consumer that has lost it.
 */
export const decideLast = (
  row: { readonly eventId: string; readonly revision: number; readonly emission: number },
  last: LastRevision | undefined,
): LastDecision => {
  if (!last) return { do: 'publish', expectLastSubjectSequence: 0 };
  if (last.revision > row.revision) return { do: 'skip', superseded: true };
  if (last.eventId === row.eventId && row.emission === 1) return { do: 'skip', superseded: false };
  return { do: 'publish', expectLastSubjectSequence: last.sequence };
};
