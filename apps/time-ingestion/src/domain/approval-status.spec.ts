import { entryIdOf } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { approvalSubject, weekOf } from './approval-status.js';

describe('approvalSubject', () => {
  const entryId = entryIdOf('psa', 'TS-1');
  it.each([
    [{ entryId }, { kind: 'entry', entryId }],
    [
      { connection: 'psa', sourceId: 'TS-1' },
      { kind: 'entry', entryId },
    ],
    [
      { worker: 'E1', week: '2026-11-25' },
      { kind: 'days', worker: 'E1', from: '2026-11-23', to: '2026-11-29' },
    ],
    [{}, undefined],
    [{ worker: 'E1' }, undefined],
    [{ connection: 'psa', week: '2026-11-25' }, undefined],
    [{ entryId, worker: 'E1', week: '2026-11-25' }, undefined],
  ])('%j', (question, subject) => {
    expect(approvalSubject(question)).toEqual(subject);
  });
});

it.each([
  ['2026-11-23', '2026-11-23'],
  ['2026-11-29', '2026-11-23'],
  ['2026-12-31', '2026-12-28'],
  ['2027-01-03', '2026-12-28'],
])('%s is in the week from %s', (date, from) => {
  expect(weekOf(date).from).toBe(from);
});
