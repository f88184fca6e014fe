import { FAULT_KINDS, outageReasonOf } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { stepOutage, type ConnectionState, type Seen } from './outage.js';

const failing = (failures: number): ConnectionState => ({ state: 'up', failures });
const up = failing(0);
const down: ConnectionState = {
  state: 'faulted',
  reason: 'CONNECTION_UNAVAILABLE',
  message: 'refused',
  since: '2026-01-01T00:00:00.000Z',
};
const failed = (reason: 'CONNECTION_UNAVAILABLE' | 'CREDENTIALS_REJECTED'): Seen => ({
  kind: 'failed',
  reason,
  message: 'again',
});
const now = '2026-01-02T00:00:00.000Z';

describe('stepOutage', () => {
  it.each([
    [up, { kind: 'worked' }, up, undefined],
    [up, failed('CONNECTION_UNAVAILABLE'), failing(1), undefined],
    [failing(1), failed('CONNECTION_UNAVAILABLE'), failing(2), undefined],
    [failing(2), { kind: 'worked' }, up, undefined],
    [failing(2), failed('CONNECTION_UNAVAILABLE'), { ...down, message: 'again', since: now }, 'raised'],
    [
      up,
      failed('CREDENTIALS_REJECTED'),
      { state: 'faulted', reason: 'CREDENTIALS_REJECTED', message: 'again', since: now },
      'raised',
    ],
    [down, failed('CONNECTION_UNAVAILABLE'), { ...down, message: 'again' }, undefined],
    [
      down,
      failed('CREDENTIALS_REJECTED'),
      { state: 'faulted', reason: 'CREDENTIALS_REJECTED', message: 'again', since: now },
      'raised',
    ],
    [down, { kind: 'worked' }, up, 'cleared'],
  ] as [ConnectionState, Seen, ConnectionState, string | undefined][])('%j after %j', (before, seen, state, tell) => {
    expect(stepOutage(before, seen, now)).toEqual({ state, tell });
  });
  it('knows every fault', () => {
    expect(FAULT_KINDS.map(outageReasonOf)).toEqual([
      undefined,
      'CONNECTION_UNAVAILABLE',
      'CREDENTIALS_REJECTED',
      'CONTRACT_BROKEN',
      'CONNECTION_UNAVAILABLE',
    ]);
  });
});
