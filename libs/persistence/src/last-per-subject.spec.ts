import { expect, it } from 'vitest';
import { decideLast } from './last-per-subject.js';

const row = { eventId: 'own', revision: 5, emission: 1 };
const last = (revision: number, eventId = 'other') => ({ sequence: 70, revision, eventId });

it('publishes onto an empty subject or an older revision, and only onto that', () => {
  expect(decideLast(row, undefined)).toEqual({ do: 'publish', expectLastSubjectSequence: 0 });
  expect(decideLast(row, last(4))).toEqual({ do: 'publish', expectLastSubjectSequence: 70 });
});

it('never publishes onto a newer revision, not even again', () => {
  expect(decideLast(row, last(6))).toEqual({ do: 'skip', superseded: true });
  expect(decideLast({ ...row, emission: 3 }, last(6))).toEqual({ do: 'skip', superseded: true });
});

it('finds itself after a crash, and says itself again only when asked to', () => {
  expect(decideLast(row, last(5, 'own'))).toEqual({ do: 'skip', superseded: false });
  expect(decideLast({ ...row, emission: 2 }, last(5, 'own'))).toEqual({ do: 'publish', expectLastSubjectSequence: 70 });
});

it('publishes the same revision as another event: that is how the stream is built anew', () => {
  expect(decideLast(row, last(5))).toEqual({ do: 'publish', expectLastSubjectSequence: 70 });
});
