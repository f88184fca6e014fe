import {
  ALWAYS,
  type Approval,
  type MasterKind,
  type MasterObject,
  type ReasonCode,
  type TimeEntryContent,
} from '@tieout/model';
import type { CompiledPolicy, ValidationRules, Where } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import { assess } from './assess.js';
import type { AssessmentSubject } from './facts.js';
import { MasterIndex, MasterView } from './master-view.js';

const NOW = '2026-11-23T09:00:00.000Z';
const object = (
  kind: MasterKind,
  code: string,
  attributes: Record<string, string>,
  more: Partial<MasterObject> = {},
): MasterObject => ({
  kind,
  code,
  id: `00000000-0000-5000-8000-${code.length.toString().padStart(12, '0')}`,
  revision: 1,
  legalEntityId: 'DE01',
  timeline: [{ validFrom: ALWAYS, attributes: { code, ...attributes } }],
  crossReferences: [],
  attributeSources: {},
  ambiguous: false,
  ...more,
});
const world = (): MasterObject[] => [
  object('worker', 'E1', {
    legalEntity: 'DE01',
    costCentre: 'CC1',
    type: 'employee',
    timeZone: 'Europe/Berlin',
    activeFrom: '2020-01-01',
  }),
  object('legal-entity', 'DE01', { currency: 'EUR', timeZone: 'Europe/Berlin', region: 'EMEA' }),
  object('cost-centre', 'CC1', {}),
  object('project', 'P1', { legalEntity: 'DE01', billable: 'true' }),
  object('task', 'P1/T1', {}),
  object('cost-rate', 'E1', { amount: '50.00', currency: 'EUR' }),
  object('bill-rate', 'P1', { amount: '120', currency: 'USD' }),
  object('accounting-period', 'DE01/2026-10', {
    startDate: '2026-10-01',
    endDate: '2026-10-31',
    state: 'closed',
    legalEntity: 'DE01',
  }),
  object('accounting-period', 'DE01/2026-11', {
    startDate: '2026-11-01',
    endDate: '2026-11-30',
    state: 'open',
    legalEntity: 'DE01',
  }),
];
const view = (objects: readonly MasterObject[]): MasterView => {
  const index = new MasterIndex();
  const codesOf = (one: MasterObject) => [one.code, ...(one.formerCodes ?? []).map((former) => former.code)];
  for (const { kind, ...one } of objects)
    for (const code of codesOf({ kind, ...one }))
      index.put(
        kind,
        code,
        objects.filter((other) => other.kind === kind && codesOf(other).includes(code)),
      );
  for (const entity of ['DE01', 'FR01'])
    index.putPeriods(
      entity,
      objects.filter((one) => one.kind === 'accounting-period' && one.code.startsWith(entity)),
    );
  return new MasterView(index);
};
const without = (kind: MasterKind, code: string) => world().filter((o) => o.kind !== kind || o.code !== code);
const replaced = (o: MasterObject) => [...without(o.kind, o.code), o];

const VALIDATION = {
  hoursPerEntry: { min: '0.25', max: '16' },
  dailyLimitHours: '12',
  selfApproval: 'barred',
  approvers: { codes: ['M1', 'E1'] },
  unknownKeyGrace: 'PT1M',
  unknownKeyGraceMs: 60_000,
  intercompany: 'hold',
  requireTask: false,
  requirePayCode: true,
  overlap: 'hold',
} as const;
const policyWith = (validation: Partial<ValidationRules> = {}, more: Partial<CompiledPolicy> = {}): CompiledPolicy =>
  ({
    digest: 'd',
    connections: [],
    validationFor: ({ region }: Where) => ({ ...VALIDATION, projectGraceDays: region === 'EMEA' ? 3 : 0, ...validation }),
    calendarFor: () => ({ lateOriginals: 'hold', lateCorrections: 'first-open-period', closingTakes: [] }),
    rates: {
      costRateDate: 'work-date',
      billRateDate: 'work-date',
      projectCodeDate: 'work-date',
      amountCurrency: 'legal-entity',
    },
    waivable: () => false,
    routes: (le: string) => (le === 'DE01' ? ['erp', 'payroll'] : []),
    feedRoutes: (_feed: string, le: string) => ({ DE01: ['erp'], FR01: ['erp-france'] })[le] ?? [],
    ...more,
  }) as CompiledPolicy;
const policy = policyWith();

const entry = (
  content: Partial<TimeEntryContent> = {},
  more: Partial<Omit<AssessmentSubject, 'content'>> = {},
): AssessmentSubject => ({
  content: {
    workerCode: 'E1',
    projectCode: 'P1',
    taskCode: 'T1',
    payCode: 'REG',
    activity: 'Consulting',
    workDate: '2026-11-10',
    hours: '7.5',
    ...content,
  },
  approval: { by: 'M1', at: '2026-11-12T08:00:00.000Z' } satisfies Approval,
  correction: false,
  versionReceivedAt: '2026-11-12T09:00:00.000Z',
  day: { otherHours: '0', intervals: [] },
  ...more,
});
const reasons = (subject: AssessmentSubject, objects = world()): ReasonCode[] | 'released' | 'waiting' => {
  const verdict = assess(subject, view(objects), policy, NOW);
  return verdict.kind === 'held' ? verdict.refusals.map(({ reason }) => reason).sort() : verdict.kind;
};

describe('assess', () => {
  it('releases with resolved dimensions and amounts', () => {
    const verdict = assess(entry(), view(world()), policy, NOW);
    expect(verdict).toMatchObject({
      kind: 'released',
      legalEntityId: 'DE01',
      content: {
        hours: '7.5',
        costCentre: 'CC1',
        cost: { amount: '375.00', currency: 'EUR', rate: '50' },
        bill: { amount: '900.00', currency: 'USD' },
        routes: ['erp', 'payroll'],
        projectLegalEntityId: 'DE01',
        approvedAt: '2026-11-12T08:00:00.000Z',
      },
    });
    expect(verdict.dependsOn).toEqual(
      expect.arrayContaining(['worker:E1', 'project:P1', 'task:P1/T1', 'cost-rate:E1', 'accounting-periods:DE01']),
    );
  });

  it.each<[ReasonCode, AssessmentSubject, MasterObject[]]>([
    ['UNKNOWN_PROJECT', entry({ projectCode: 'NOPE', taskCode: undefined }), world()],
    ['INACTIVE_WORKER', entry(), replaced(object('worker', 'E1', { legalEntity: 'DE01', activeTo: '2026-11-09' }))],
    ['AMBIGUOUS_IDENTITY', entry(), replaced(object('worker', 'E1', { legalEntity: 'DE01' }, { ambiguous: true }))],
    ['UNKNOWN_COST_CENTRE', entry(), without('cost-centre', 'CC1')],
    ['INACTIVE_PROJECT', entry(), replaced(object('project', 'P1', { activeTo: '2026-11-06' }))],
    ['UNKNOWN_TASK', entry({ taskCode: 'T9' }), world()],
    ['CLOSED_TASK', entry(), replaced(object('task', 'P1/T1', { activeTo: '2026-11-01' }))],
    ['NOT_ASSIGNED', entry(), replaced(object('project', 'P1', { assignedOnly: 'true' }))],
    ['INTERCOMPANY_NOT_ALLOWED', entry(), replaced(object('project', 'P1', { legalEntity: 'US01' }))],
    ['MISSING_COST_RATE', entry(), without('cost-rate', 'E1')],
    ['MISSING_EXCHANGE_RATE', entry(), replaced(object('cost-rate', 'E1', { amount: '50', currency: 'USD' }))],
    ['HOURS_OUT_OF_RANGE', entry({ hours: '0.1' }), world()],
    ['DAILY_LIMIT_EXCEEDED', entry({}, { day: { otherHours: '5', intervals: [] } }), world()],
    ['FUTURE_WORK_DATE', entry({ workDate: '2026-11-24' }), world()],
    ['UNMAPPED_ACTIVITY', entry({ payCode: undefined }), world()],
    ['SELF_APPROVED', entry({}, { approval: { by: 'E1' } }), world()],
    ['APPROVER_NOT_AUTHORISED', entry({}, { approval: { by: 'X9' } }), world()],
    ['PERIOD_CLOSED', entry({ workDate: '2026-10-30' }), world()],
    ['NO_OPEN_PERIOD', entry({ workDate: '2026-09-30' }), world()],
  ])('holds with %s', (reason, subject, objects) => expect(reasons(subject, objects)).toEqual([reason]));

  it('holds with OVERLAP', () => {
    const times = { startedAt: '2026-11-10T08:00:00.000Z', endedAt: '2026-11-10T15:30:00.000Z' };
    const other = { startedAt: '2026-11-10T15:00:00.000Z', endedAt: '2026-11-10T16:00:00.000Z' };
    expect(reasons(entry(times, { day: { otherHours: '1', intervals: [other] } }))).toEqual(['OVERLAP']);
    expect(reasons(entry(times, { day: { otherHours: '1', intervals: [{ ...other, startedAt: times.endedAt }] } }))).toBe(
      'released',
    );
  });
  it('holds with NO_ROUTE', () => {
    const worker = object('worker', 'E1', { legalEntity: 'US01' });
    expect(reasons(entry(), [...replaced(worker)])).toContain('NO_ROUTE');
  });
  describe('intercompany time that is booked on both sides', () => {
    const pair = policyWith({ intercompany: 'due-to-due-from' });
    const period = (state: string) => ({ startDate: '2026-11-01', endDate: '2026-11-30', state, legalEntity: 'FR01' });
    const abroad = (project: string, state: string) =>
      assess(
        entry(),
        view([
          ...replaced(object('project', 'P1', { legalEntity: project })),
          object('accounting-period', 'FR01/2026-11', period(state)),
        ]),
        pair,
        NOW,
      );
    it('goes to both ERPs', () => {
      const verdict = abroad('FR01', 'open');
      expect(verdict).toMatchObject({
        kind: 'released',
        content: { legalEntityId: 'DE01', projectLegalEntityId: 'FR01', routes: ['erp', 'payroll', 'erp-france'] },
      });
      expect(verdict.dependsOn).toContain('accounting-periods:FR01');
    });
    it('needs an open period and an ERP in both', () => {
      expect(abroad('FR01', 'closed')).toMatchObject({
        kind: 'held',
        refusals: [{ reason: 'PERIOD_CLOSED', subject: 'period:FR01:FR01/2026-11' }],
      });
      expect(abroad('US01', 'open')).toMatchObject({
        kind: 'held',
        refusals: [{ reason: 'NO_ROUTE', subject: 'legal-entity:US01' }, { reason: 'NO_OPEN_PERIOD' }],
      });
    });
    it('is nothing else at home', () => {
      expect(assess(entry(), view(world()), pair, NOW)).toMatchObject({ content: { routes: ['erp', 'payroll'] } });
    });
  });
  it('names every refusal, not just the first', () =>
    expect(reasons(entry({ hours: '20', taskCode: 'T9', payCode: undefined }))).toEqual([
      'DAILY_LIMIT_EXCEEDED',
      'HOURS_OUT_OF_RANGE',
      'UNKNOWN_TASK',
      'UNMAPPED_ACTIVITY',
    ]));
  it('lets grace days pass, per region', () =>
    expect(reasons(entry(), replaced(object('project', 'P1', { activeTo: '2026-11-07' })))).toBe('released'));
  it('waits for an unknown key until its grace has passed', () => {
    const recent = entry({ projectCode: 'NEW', taskCode: undefined }, { versionReceivedAt: '2026-11-23T08:59:30.000Z' });
    expect(reasons(recent)).toBe('waiting');
  });
  it('lets a correction of a closed period through to the first open one', () =>
    expect(reasons(entry({ workDate: '2026-10-30' }, { correction: true }))).toBe('released'));
  it('takes the day from the worker’s zone', () => {
    const late = '2026-11-23T23:30:00.000Z'; // already the 24th in Berlin
    expect(assess(entry({ workDate: '2026-11-24' }), view(world()), policy, late).kind).toBe('released');
  });
});
