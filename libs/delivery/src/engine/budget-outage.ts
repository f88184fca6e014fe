import { EVENT_TYPES } from '@tieout/contracts';
import { UNASSIGNED } from '@tieout/model';
import type { NewEvent } from '@tieout/persistence';
import type { OutageNews, TellOutage } from './budget-store.js';
import { tell } from './ledger.js';
import type { Ledger } from './ports.js';

/** Says in audit and events that a connection is down, or up again. */
export const outageTeller =
  (ledger: Pick<Ledger, 'notices' | 'clock' | 'policy' | 'rules'>): TellOutage =>
  (tx, news) =>
    tell(tx, ledger, {
      audit: [
        {
          action: `connection.${news.kind}`,
          subjectKind: 'connection',
          subjectId: news.connection,
          legalEntityId: UNASSIGNED,
          ...(news.kind === 'faulted' && { reason: news.message }),
        },
      ],
      events: [eventOf(news, ledger.rules.context)],
    });

const eventOf = (news: OutageNews, raisedBy: Ledger['rules']['context']): NewEvent => {
  const { connection } = news;
  if (news.kind === 'recovered') {
    const { clearedAt } = news;
    return { type: EVENT_TYPES.connectionRecovered, scope: [connection], body: { connection, raisedBy, clearedAt } };
  }
  const { reason, message, since } = news;
  return { type: EVENT_TYPES.connectionFaulted, scope: [connection], body: { connection, raisedBy, reason, message, since } };
};
