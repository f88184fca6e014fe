import { systemClock } from '@tieout/clock';
import type { LineContent, PostingRow } from '@tieout/delivery';
import { expect, it } from 'vitest';
import { analyticsRules } from './analytics-rules.js';

const asked: unknown[] = [];
const rules = analyticsRules({
  policy: {
    current: () => ({
      lane: (question) => {
        asked.push(question);
        return 'analytics';
      },
      patienceSeconds: () => 3_600,
      mayDispatch: () => ({ open: true }),
    }),
  },
  master: { byKind: async () => [] },
  clock: systemClock,
  destinations: new Set(['dw']),
});
const tx = { query: () => Promise.reject(new Error('nothing is asked of the database')) };

it('facts let everything of the next hour pass', async () => {
  const urgency = await rules.urgency(tx, 1_000);
  expect(urgency({ billable: true } as LineContent)).toEqual({ lane: 'analytics', rank: 3_601_000 });
  expect(asked).toEqual([{ feed: 'analytics', billable: true }]);
});

it('a fact goes into the month of its work date, whenever it comes, and into no account', async () => {
  const place = await rules.placer(tx, [], new Map());
  expect(place({ content: { workDate: '2019-02-14' } } as PostingRow)).toEqual({
    kind: 'placed',
    period: { code: '2019-02', startDate: '2019-02-01', endDate: '2019-02-28' },
    accounts: { account: '', balancingAccount: '' },
  });
});
