import type { Approval, TimeEntryContent } from '@tieout/model';
import type { DateRule, HoursRule, TextRule, TimeMapping } from '../bundle/mapping-schema.js';
import type { MappedTime } from '../compiled-policy.js';
import { booleanReader, dateReader, hoursReader, instantReader, shownValue, type Read } from './values.js';

type SourceFields = Readonly<Record<string, string>>;

/** Thrown and caught inside this file only: a record has some fifteen fields, and the first bad one ends its mapping. */
class Unreadable extends Error {
  constructor(
    readonly where: string,
    readonly why: string,
  ) {
    super(why);
  }
}

interface Target<T> {
  readonly name: string;
  readonly required: boolean;
  readonly read: (text: string) => Read<T>;
}

/** One rule as a function from the source's fields to a canonical value. */
const compileRule = <T>(rule: TextRule & DateRule & HoursRule, target: Target<T>): ((fields: SourceFields) => T | undefined) => {
  const names = rule.from ?? [];
  const where = names.length > 0 ? `field "${names.join('" or "')}"` : `constant of ${target.name}`;
  const mustBeThere = target.required || rule.required === true;
  const absent = (why: string): undefined => {
    if (mustBeThere) throw new Unreadable(where, why);
    return undefined;
  };
  const values = rule.values === undefined ? undefined : new Map(Object.entries(rule.values));
  const shaped =
    rule.case === 'upper'
      ? (text: string) => text.toUpperCase()
      : rule.case === 'lower'
        ? (text: string) => text.toLowerCase()
        : (text: string) => text;

  return (fields) => {
    let text = rule.constant ?? present(fields, names) ?? rule.default;
    if (text === undefined) return absent(`missing or empty: ${target.name} needs it`);
    if (values) {
      const listed = values.get(text);
      if (listed === undefined && rule.otherwise === 'refuse')
        throw new Unreadable(where, `is ${shownValue(text)}, which the mapping of ${target.name} does not list`);
      if (listed === undefined && rule.otherwise !== 'keep')
        return absent(`is ${shownValue(text)}, which the mapping of ${target.name} does not list`);
      text = listed ?? text;
    }
    const value = target.read(shaped(text));
    if (!value.ok) throw new Unreadable(where, `is ${shownValue(text)}: expected ${value.expected}`);
    return value.value;
  };
};

/** The first of the named fields that holds something; blanks around it never matter. */
const present = (fields: SourceFields, names: readonly string[]): string | undefined => {
  for (const name of names) {
    if (!Object.hasOwn(fields, name)) continue;
    const text = fields[name]!.trim();
    if (text !== '') return text;
  }
  return undefined;
};

const plain = (text: string): Read<string> => ({ ok: true, value: text });
const none = (): undefined => undefined;

const text = (rule: TextRule | undefined, name: string, required = false): ((fields: SourceFields) => string | undefined) =>
  rule ? compileRule(rule, { name, required, read: plain }) : none;
const instant = (rule: DateRule | undefined, name: string): ((fields: SourceFields) => string | undefined) =>
  rule ? compileRule(rule, { name, required: false, read: instantReader(rule.format, rule.zone) }) : none;

const compileContent = ({ fields: rules }: TimeMapping): ((fields: SourceFields) => TimeEntryContent) => {
  const workerCode = text(rules.workerCode, 'workerCode', true);
  const projectCode = text(rules.projectCode, 'projectCode', true);
  const taskCode = text(rules.taskCode, 'taskCode');
  const activity = text(rules.activity, 'activity');
  const payCode = text(rules.payCode, 'payCode');
  const workDate = compileRule(rules.workDate, {
    name: 'workDate',
    required: true,
    read: dateReader(rules.workDate.format, rules.workDate.zone),
  });
  const hours = compileRule(rules.hours, {
    name: 'hours',
    required: true,
    read: hoursReader(rules.hours.unit, rules.hours.decimalSeparator),
  });
  const startedAt = instant(rules.startedAt, 'startedAt');
  const endedAt = instant(rules.endedAt, 'endedAt');
  const billable = rules.billable
    ? compileRule(rules.billable, { name: 'billable', required: false, read: booleanReader })
    : none;
  return (fields) =>
    withoutAbsent({
      // Required rules never answer undefined.
      workerCode: workerCode(fields)!,
      projectCode: projectCode(fields)!,
      taskCode: taskCode(fields),
      activity: activity(fields),
      payCode: payCode(fields),
      workDate: workDate(fields)!,
      hours: hours(fields)!,
      startedAt: startedAt(fields),
      endedAt: endedAt(fields),
      billable: billable(fields),
    });
};

const compileApproval = ({ approval }: TimeMapping): ((fields: SourceFields) => Approval | undefined) => {
  const at = instant(approval.approvedAt, 'approvedAt');
  const by = text(approval.approvedBy, 'approvedBy');
  const level = text(approval.level, 'level');
  const { approved } = approval;
  const accepted = new Set(approved === 'always' ? [] : approved.equals);
  return (fields) => {
    if (approved !== 'always') {
      const state = present(fields, [approved.field]);
      if (state === undefined || !accepted.has(state)) return undefined;
    }
    return withoutAbsent({ at: at(fields), by: by(fields), level: level(fields) });
  };
};

/** Leaves out what is absent, so that equal content looks equal. */
const withoutAbsent = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;

export const compileMapping = (mapping: TimeMapping): ((fields: SourceFields) => MappedTime) => {
  const content = compileContent(mapping);
  const approval = compileApproval(mapping);
  return (fields) => {
    try {
      return { ok: true, content: content(fields), approval: approval(fields) };
    } catch (error) {
      if (error instanceof Unreadable) return { ok: false, where: error.where, why: error.why };
      throw error;
    }
  };
};
