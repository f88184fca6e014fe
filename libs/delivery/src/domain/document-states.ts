import { moveOf, type Move, type PostingState } from './posting-states.js';

/** Transitions of a document. `dissolve`: never sent, its lines freeze anew. `queue`: taken by the destination, to be booked later. */
export const DOCUMENT_TRANSITIONS = {
  // `adopt`: it stands there already, sent before the ledger was restored.
  frozen: { claim: 'sending', dissolve: 'dissolved', adopt: 'confirmed' },
  sending: { accept: 'posted', refuse: 'rejected', lose: 'unknown', return: 'frozen', queue: 'queued' },
  queued: { accept: 'posted', refuse: 'rejected', lose: 'unknown', return: 'frozen' },
  unknown: { accept: 'posted', refuse: 'rejected', return: 'frozen' },
  posted: { confirm: 'confirmed', doubt: 'unknown' },
  confirmed: { recheck: 'posted' },
  rejected: {},
  dissolved: {},
} as const;

export type DocumentState = keyof typeof DOCUMENT_TRANSITIONS;
export type DocumentEvent = { [S in DocumentState]: keyof (typeof DOCUMENT_TRANSITIONS)[S] }[DocumentState];
export const DOCUMENT_STATES = Object.keys(DOCUMENT_TRANSITIONS) as DocumentState[];

export const stepDocument = (state: DocumentState, event: DocumentEvent): DocumentState | undefined =>
  (DOCUMENT_TRANSITIONS[state] as Partial<Record<DocumentEvent, DocumentState>>)[event];

/**
 * What a line is while this document holds it. A line has a state of its own only outside of documents, and when it is refused or
 * cancelled: a document of a thousand lines moves in one row.
 */
const LINE_STATES = {
  frozen: 'pending',
  sending: 'sending',
  queued: 'sending',
  unknown: 'unknown',
  posted: 'posted',
  confirmed: 'confirmed',
  // It holds only what was refused with it; whatever else it held is pending, and on its way into another.
  rejected: 'pending',
  dissolved: 'pending',
} as const satisfies Record<DocumentState, PostingState>;

export const lineStateIn = (state: DocumentState): PostingState => LINE_STATES[state];

export const documentMove = (event: DocumentEvent): Move<DocumentState> => moveOf(DOCUMENT_STATES, stepDocument, event);
