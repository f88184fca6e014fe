import { describe, expect, it } from 'vitest';
import {
  DOCUMENT_STATES,
  DOCUMENT_TRANSITIONS,
  documentMove,
  lineStateIn,
  stepDocument,
  type DocumentEvent,
} from './document-states.js';
import { POSTING_STATES, POSTING_TRANSITIONS, postingMove, stepPosting, type PostingEvent } from './posting-states.js';

const POSTING_EVENTS: PostingEvent[] = [
  'send',
  'cancel',
  'accept',
  'refuse',
  'lose',
  'return',
  'confirm',
  'doubt',
  'retry',
  'adopt',
  'recheck',
];
const DOCUMENT_EVENTS: DocumentEvent[] = [
  'claim',
  'dissolve',
  'accept',
  'refuse',
  'lose',
  'return',
  'queue',
  'confirm',
  'doubt',
  'adopt',
  'recheck',
];

describe('posting states', () => {
  it.each([
    ['pending', 'send', 'sending'],
    ['pending', 'cancel', 'cancelled'],
    ['sending', 'accept', 'posted'],
    ['sending', 'refuse', 'rejected'],
    ['sending', 'lose', 'unknown'],
    ['sending', 'return', 'pending'],
    ['unknown', 'accept', 'posted'],
    ['unknown', 'refuse', 'rejected'],
    ['unknown', 'return', 'pending'],
    ['posted', 'confirm', 'confirmed'],
    ['posted', 'doubt', 'unknown'],
    ['rejected', 'retry', 'pending'],
    ['rejected', 'cancel', 'cancelled'],
    ['pending', 'adopt', 'confirmed'],
    ['rejected', 'adopt', 'confirmed'],
    ['cancelled', 'adopt', 'confirmed'],
    ['confirmed', 'recheck', 'posted'],
  ] as const)('%s --%s--> %s', (state, event, next) => {
    expect(stepPosting(state, event)).toBe(next);
  });

  it('knows no other transition', () => {
    const all = POSTING_STATES.flatMap((state) => POSTING_EVENTS.filter((event) => stepPosting(state, event) !== undefined));
    expect(all).toHaveLength(17);
    expect(Object.values(POSTING_TRANSITIONS).flatMap((row) => Object.keys(row))).toHaveLength(17);
  });

  it('an event leads to one state, so that sets can be moved', () => {
    expect(postingMove('accept')).toEqual({ from: ['sending', 'unknown'], to: 'posted' });
    for (const event of POSTING_EVENTS) expect(POSTING_STATES).toContain(postingMove(event).to);
  });

  it('a line that the destination may have is never cancelled', () => {
    for (const state of ['sending', 'unknown', 'posted', 'confirmed'] as const)
      expect(stepPosting(state, 'cancel')).toBeUndefined();
  });
});

describe('document states', () => {
  it('only a document that is not out can dissolve', () => {
    expect(documentMove('dissolve')).toEqual({ from: ['frozen'], to: 'dissolved' });
  });

  it('final states take no event', () => {
    for (const state of ['rejected', 'dissolved'] as const)
      for (const event of DOCUMENT_EVENTS) expect(stepDocument(state, event)).toBeUndefined();
  });

  it('every state is reached from frozen', () => {
    const reached = new Set(['frozen']);
    for (let size = 0; size !== reached.size;) {
      size = reached.size;
      for (const state of DOCUMENT_STATES)
        if (reached.has(state)) for (const next of Object.values(DOCUMENT_TRANSITIONS[state])) reached.add(next);
    }
    expect([...reached].sort()).toEqual([...DOCUMENT_STATES].sort());
  });
});

describe('a line in a document', () => {
  /** What a document's event is for the lines that it holds; undefined: they stay as they are, or leave it. */
  const LINE_EVENTS: Record<DocumentEvent, PostingEvent | undefined> = {
    claim: 'send',
    dissolve: undefined,
    accept: 'accept',
    // Those that are refused by name have left already.
    refuse: 'return',
    lose: 'lose',
    return: 'return',
    queue: undefined,
    confirm: 'confirm',
    doubt: 'doubt',
    adopt: 'adopt',
    recheck: 'recheck',
  };

  it.each(
    DOCUMENT_STATES.flatMap((state) =>
      DOCUMENT_EVENTS.flatMap((event) => {
        const next = stepDocument(state, event);
        return next === undefined ? [] : [[state, event, next] as const];
      }),
    ),
  )('moves with it as its own table says: %s --%s--> %s', (state, event, next) => {
    const before = lineStateIn(state);
    const lineEvent = LINE_EVENTS[event];
    const stepped = lineEvent === undefined ? before : stepPosting(before, lineEvent);
    expect(stepped).toBe(lineStateIn(next));
  });
});
