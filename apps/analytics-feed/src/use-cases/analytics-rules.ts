import { FEED_EVENTS } from '@tieout/contracts';
import type { Clock } from '@tieout/clock';
import { frozenEntities, type FeedRules, type LineContent, type MasterData } from '@tieout/delivery';
import type { ConnectionId } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import { monthOf, wantedFacts } from '../domain/facts.js';

interface Parts {
  readonly policy: { current(): Pick<CompiledPolicy, 'lane' | 'patienceSeconds' | 'mayDispatch'> };
  readonly master: Pick<MasterData, 'byKind'>;
  readonly clock: Clock;
  readonly destinations: ReadonlySet<ConnectionId>;
}

/** A warehouse has no accounts. */
const ACCOUNTS = { account: '', balancingAccount: '' };

/** What a warehouse asks of the delivery engine: single facts by month, never held back, behind everybody else. */
export const analyticsRules = ({ policy, master, clock, destinations }: Parts): FeedRules => ({
  context: 'analytics',
  actor: 'service:analytics-feed',
  correction: 'reverse',
  events: FEED_EVENTS.analytics,
  destinations,
  wanted: wantedFacts,
  urgency: async (_tx, nowMs) => {
    const bundle = policy.current();
    return ({ billable }: LineContent) => {
      const lane = bundle.lane({ feed: 'analytics', billable });
      return { lane, rank: nowMs + bundle.patienceSeconds(lane) * 1000 };
    };
  },
  placer: async () => (row) => ({ kind: 'placed', period: monthOf(row.content.workDate), accounts: ACCOUNTS }),
  // A sum has no entry, and could not be corrected.
  summaryOf: () => undefined,
  frozenEntities: frozenEntities({ feed: 'analytics', policy, master, clock }),
  periodRevision: async () => 0,
});
