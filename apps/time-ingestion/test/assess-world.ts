import { ALWAYS, type Approval, type MasterKind, type MasterObject, type ReasonCode, type TimeEntryContent } from '@tieout/model';
import type { CompiledPolicy, ValidationRules, Where } from '@tieout/policy';
import { assess } from '../src/domain/assess.js';
import type { AssessmentSubject } from '../src/domain/facts.js';
import { MasterIndex, MasterView } from '../src/domain/master-view.js';

export const NOW = '2026-11-23T09:00:00.000Z';
export const object = (
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
export const world = (): MasterObject[] => [
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
export const view = (objects: readonly MasterObject[]): MasterView => {
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
export const without = (kind: MasterKind, code: string) => world().filter((o) => o.kind !== kind || o.code !== code);
export const replaced = (o: MasterObject) => [...without(o.kind, o.code), o];

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
export const policyWith = (validation: Partial<ValidationRules> = {}, more: Partial<CompiledPolicy> = {}): CompiledPolicy =>
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
export const policy = policyWith();

export const entry = (
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
export const reasons = (subject: AssessmentSubject, objects = world()): ReasonCode[] | 'released' | 'waiting' => {
  const verdict = assess(subject, view(objects), policy, NOW);
  return verdict.kind === 'held' ? verdict.refusals.map(({ reason }) => reason).sort() : verdict.kind;
};
