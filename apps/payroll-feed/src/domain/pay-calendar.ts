import {
  attributesOn,
  localInstant,
  payPeriodCode,
  type Instant,
  type MasterObject,
  type TimeZone,
  type WorkDate,
} from '@tieout/model';

/** Who is paid together. */
export interface PayGroup {
  readonly code: string;
  readonly legalEntityId: string;
  readonly timeZone: TimeZone;
}

/** A pay period as it is now. */
export interface PayPeriod {
  /** Pay group and payroll's own name: "DE-M/2026-11". */
  readonly code: string;
  readonly payGroup: string;
  readonly startDate: WorkDate;
  readonly endDate: WorkDate;
  /** Time approved at this instant still makes the run. */
  readonly cutOff: Instant;
  readonly payDate?: string | undefined;
  readonly state: 'open' | 'closed';
  /** Revision of the master object: says whether we have heard of the period since payroll refused it. */
  readonly revision: number;
}

export interface PayCalendar {
  readonly groups: ReadonlyMap<string, PayGroup>;
  /** Ascending by cut-off. */
  periodsOf(payGroup: string): readonly PayPeriod[];
}

/** Pay groups and pay periods from master data. Ambiguous or incomplete ones are nobody's. */
export const payCalendar = (groups: readonly MasterObject[], periods: readonly MasterObject[], today: WorkDate): PayCalendar => {
  const known = new Map(groups.flatMap((object) => payGroupOf(object, today) ?? []).map((group) => [group.code, group]));
  const all = periods.flatMap((object) => payPeriodOf(object, known, today) ?? []);
  all.sort((a, b) => (a.cutOff < b.cutOff ? -1 : a.cutOff > b.cutOff ? 1 : a.code < b.code ? -1 : 1));
  const byGroup = Map.groupBy(all, (period) => period.payGroup);
  return { groups: known, periodsOf: (payGroup) => byGroup.get(payGroup) ?? [] };
};

const payGroupOf = (object: MasterObject, today: WorkDate): PayGroup | undefined => {
  const attributes = attributesOn({ kind: 'pay-group', timeline: object.timeline }, today);
  if (object.ambiguous || !attributes?.timeZone) return undefined;
  return { code: object.code, legalEntityId: attributes.legalEntity ?? object.legalEntityId, timeZone: attributes.timeZone };
};

const payPeriodOf = (object: MasterObject, groups: ReadonlyMap<string, PayGroup>, today: WorkDate): PayPeriod | undefined => {
  const attributes = attributesOn({ kind: 'pay-period', timeline: object.timeline }, today);
  if (object.ambiguous || !attributes?.startDate || !attributes.endDate || !attributes.cutOff) return undefined;
  const payGroup = attributes.payGroup ?? object.code.slice(0, Math.max(0, object.code.indexOf('/')));
  const group = groups.get(payGroup);
  const cutOff = group && localInstant(attributes.cutOff, group.timeZone);
  if (cutOff === undefined) return undefined;
  const prefix = payPeriodCode(payGroup, '');
  return {
    code: object.code.startsWith(prefix) ? object.code : payPeriodCode(payGroup, object.code),
    payGroup,
    startDate: attributes.startDate,
    endDate: attributes.endDate,
    cutOff,
    ...(attributes.payDate !== undefined && { payDate: attributes.payDate }),
    state: attributes.state ?? 'open',
    revision: object.revision,
  };
};

/** The group that a worker is paid with on a day; undefined: nobody knows. */
export const payGroupOn = (
  worker: Pick<MasterObject, 'timeline' | 'ambiguous'> | undefined,
  date: WorkDate,
): string | undefined =>
  worker === undefined || worker.ambiguous
    ? undefined
    : attributesOn({ kind: 'worker', timeline: worker.timeline }, date)?.payGroup;
