import { FEED_EVENTS } from '@tieout/contracts';
import { type FeedRules, type LineContent, type Placing, type PostingRow, type WantedLine } from '@tieout/delivery';
import { type ReleasedContent } from '@tieout/model';
import { LEGAL_ENTITY, periodFor } from './periods.js';
import type { ContentScript, Script } from './script.js';
import type { Tables } from './store/tables.js';

/** Of the other legal entity's project. */
const OTHER_ENTITY = 'DE01';
const CURRENCY = 'USD';
/** The task whose hours are accrued as well, and reversed in the last period. */
const ACCRUED = 'accrued';
const LAST_PERIOD = '2026-12';

export const releasedContent = (content: ContentScript, script: Script): ReleasedContent => ({
  workerId: 'worker-1',
  workerCode: 'W-1',
  workerType: 'employee',
  legalEntityId: LEGAL_ENTITY,
  projectId: content.project,
  projectCode: content.project,
  ...(content.intercompany && { projectLegalEntityId: OTHER_ENTITY }),
  payCode: content.payCode,
  ...(content.accrued && { taskCode: ACCRUED }),
  workDate: content.workDate,
  hours: content.hours,
  billable: true,
  cost: { amount: content.amount, currency: CURRENCY, rateId: 'rate-1', rate: '1' },
  routes: content.routes.map((index) => script.destinations[index]!.id),
});

const lineOf = (content: ReleasedContent): LineContent => ({
  legalEntityId: content.legalEntityId,
  workerCode: content.workerCode,
  workerType: content.workerType,
  projectCode: content.projectCode,
  workDate: content.workDate,
  hours: content.hours,
  amount: content.cost.amount,
  currency: content.cost.currency,
  billable: content.billable,
});

/** What shall stand for an hour: the ERP's legs, or payroll's pay code. */
export const wantedLines = (content: ReleasedContent, correction: Script['correction']): WantedLine[] => {
  const line = lineOf(content);
  if (correction === 'adjust') return [{ leg: `pay:${content.payCode ?? ''}`, content: { ...line, payCode: content.payCode } }];
  const labour: WantedLine = { leg: 'labour-cost', content: line };
  const { projectLegalEntityId: counterparty, taskCode } = content;
  return [
    labour,
    ...(counterparty === undefined ? [] : [{ leg: 'intercompany-due-from', content: { ...line, counterparty } } as const]),
    ...(taskCode === ACCRUED ? [{ leg: 'time-accrual', content: { ...line, reverseInto: LAST_PERIOD } } as const] : []),
  ];
};

/** A small firm's rules: one legal entity, three periods, fixed accounts. */
export const rulesOf = (script: Script, tables: Tables): FeedRules => ({
  context: script.correction === 'adjust' ? 'payroll' : 'posting',
  actor: 'service:simulated',
  correction: script.correction,
  events: script.correction === 'adjust' ? FEED_EVENTS.payroll : FEED_EVENTS.posting,
  destinations: new Set(script.destinations.map(({ id }) => id)),
  wanted: (content) => wantedLines(content, script.correction),
  urgency: async (_tx, nowMs) => () => ({ lane: 'normal', rank: nowMs }),
  placer: async () => (row) => place(row, tables, script.signed),
  summaryOf: (destination) =>
    script.destinations.find(({ id }) => id === destination)?.summarised ? ['worker', 'project', 'work-date'] : undefined,
  frozenEntities: async () => [],
  periodRevision: async (_tx, _legalEntity, code) => tables.periods.get(code)?.revision ?? 0,
});

const place = (row: PostingRow, tables: Tables, held: boolean): Placing => {
  const anchorPeriod = row.anchorPeriod ?? undefined;
  const question = { workDate: row.content.workDate, anchorPeriod, refused: row.refusedPeriods };
  const period = periodFor(question, [...tables.periods.all()]);
  if (period === undefined)
    return { kind: 'blocked', reason: 'NO_OPEN_PERIOD', detail: `no period is open for ${row.content.workDate}` };
  return { kind: 'placed', period, accounts: { account: '6000', balancingAccount: '2000' }, held };
};
