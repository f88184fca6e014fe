import { moveOf, type Move } from './posting-states.js';

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

export const documentMove = (event: DocumentEvent): Move<DocumentState> => moveOf(DOCUMENT_STATES, stepDocument, event);
