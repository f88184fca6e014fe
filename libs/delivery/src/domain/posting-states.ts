/** Transitions of one ledger line, as data: event -> next state, per state. No rule lives anywhere else. */
export const POSTING_TRANSITIONS = {
  // `adopt`: a predecessor, or we before a restore, posted it already.
  pending: { send: 'sending', cancel: 'cancelled', adopt: 'confirmed' },
  // `return` only when it is proven that nothing was executed: a blind way back would book twice.
  sending: { accept: 'posted', refuse: 'rejected', lose: 'unknown', return: 'pending' },
  unknown: { accept: 'posted', refuse: 'rejected', return: 'pending' },
  posted: { confirm: 'confirmed', doubt: 'unknown' },
  // Looked at again: somebody asked whether it still stands.
  confirmed: { recheck: 'posted' },
  rejected: { retry: 'pending', cancel: 'cancelled', adopt: 'confirmed' },
  // After a restore: what we owe no longer stands there all the same, and is then reversed.
  cancelled: { adopt: 'confirmed' },
} as const;

export type PostingState = keyof typeof POSTING_TRANSITIONS;
export type PostingEvent = { [S in PostingState]: keyof (typeof POSTING_TRANSITIONS)[S] }[PostingState];
export const POSTING_STATES = Object.keys(POSTING_TRANSITIONS) as PostingState[];

/** The next state, or undefined when the event means nothing in this state. */
export const stepPosting = (state: PostingState, event: PostingEvent): PostingState | undefined =>
  (POSTING_TRANSITIONS[state] as Partial<Record<PostingEvent, PostingState>>)[event];

export interface Move<S extends string> {
  readonly from: readonly S[];
  readonly to: S;
}

/** The same table seen from the event, for set-based updates: `where state = any(from)`. */
export const postingMove = (event: PostingEvent): Move<PostingState> => moveOf(POSTING_STATES, stepPosting, event);

export const moveOf = <S extends string, E>(
  states: readonly S[],
  step: (state: S, event: E) => S | undefined,
  event: E,
): Move<S> => {
  const from = states.filter((state) => step(state, event) !== undefined);
  const targets = new Set(from.map((state) => step(state, event)!));
  const [to] = targets;
  if (to === undefined || targets.size !== 1) throw new Error(`event ${String(event)} must lead to exactly one state`);
  return { from, to };
};

/** The line may be on its way: whoever plans must wait. */
export const isInFlight = (state: PostingState): boolean => state === 'sending' || state === 'unknown';
/** The destination has the line. */
export const isBooked = (state: PostingState): boolean => state === 'posted' || state === 'confirmed';
/** What the fate of a document that holds the line does not touch. */
export const OUT_STATES = ['rejected', 'cancelled'] as const satisfies readonly PostingState[];
export const isOut = (state: PostingState): boolean => (OUT_STATES as readonly PostingState[]).includes(state);
/** Owed, and not on its way: may still be cancelled. */
export const isOpen = (state: PostingState): boolean => state === 'pending' || state === 'rejected';
