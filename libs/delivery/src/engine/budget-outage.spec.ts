import { EVENT_TYPES } from '@tieout/contracts';
import type { Tx } from '@tieout/persistence';
import { expect, it } from 'vitest';
import { outageTeller } from './budget-outage.js';
import type { Ledger } from './ports.js';

it('says in audit and events that a connection is down, and that it is up again', async () => {
  const said: unknown[] = [];
  const tell = outageTeller({
    notices: {
      audit: async (_: Tx, rows: unknown) => void said.push(rows),
      outbox: async (_: Tx, producer: string, events: unknown) => void said.push(producer, events),
    },
    clock: { now: () => '2026-11-23T12:00:01.000Z' },
    policy: { current: () => ({ digest: 'd' }) },
    rules: { context: 'payroll', actor: 'service:payroll-feed' },
  } as unknown as Ledger);
  const [since, clearedAt] = ['2026-11-23T12:00:00.000Z', '2026-11-23T12:05:00.000Z'];
  await tell({} as Tx, { kind: 'faulted', connection: 'payroll', reason: 'CONNECTION_UNAVAILABLE', message: 'away', since });
  await tell({} as Tx, { kind: 'recovered', connection: 'payroll', clearedAt });
  const audit = { actor: 'service:payroll-feed', policyDigest: 'd', subjectKind: 'connection', subjectId: 'payroll' };
  const about = { connection: 'payroll', raisedBy: 'payroll' };
  expect(said).toMatchObject([
    [{ ...audit, action: 'connection.faulted', reason: 'away' }],
    'payroll',
    [{ type: EVENT_TYPES.connectionFaulted, body: { ...about, reason: 'CONNECTION_UNAVAILABLE', message: 'away', since } }],
    [{ ...audit, action: 'connection.recovered' }],
    'payroll',
    [{ type: EVENT_TYPES.connectionRecovered, body: { ...about, clearedAt } }],
  ]);
});
