import { FEEDS, isCalendarDate } from '@tieout/model';
import { BLOCKABLE, type Blockable } from '../answers/change-calendar.js';
import {
  checked,
  either,
  isSingle,
  like,
  list,
  mapped,
  object,
  optional,
  record,
  required,
  withDefault,
} from '../reading/decoders.js';
import { calendarDate, choice, integer, scalar, text, timeZone } from '../reading/scalars.js';
import { isScalar } from 'yaml';
import { DAY_NAMES, type DayName } from '../compile/working-days.js';
import { CODE, connectionName, legalEntityKey } from './names.js';
import { late } from './time-rules.js';

const legalEntities = list(text('the code of a legal entity', CODE), 1);
const connections = list(connectionName, 1);
const feeds = list(choice(FEEDS), 1);

const timeOfDay = text('a time of day, for example 06:00', /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/);
const window = checked(
  object({
    feeds: optional(feeds),
    days: withDefault(list(choice(DAY_NAMES), 1), [...DAY_NAMES]),
    from: required(timeOfDay),
    to: required(timeOfDay),
    timeZone: required(timeZone),
  }),
  ({ from, to }) => (from === to ? ['begins when it ends', 'write 00:00 to 24:00 for a whole day'] : undefined),
);

const EVERYTHING = [...BLOCKABLE];
/** Closes and pay runs are when sending matters most. */
const ALL_BUT_DISPATCH = ['deployments', 'activations', 'promotions', 'mappings'] as const satisfies Blockable[];

/** Whom an entry of the calendar concerns, and what it stops. */
const scope = (blocks: readonly Blockable[]) => ({
  legalEntities: optional(legalEntities),
  regions: optional(list(text('the name of a region', CODE), 1)),
  /** Narrows deployments. */
  services: optional(list(text('the name of a service', CODE), 1)),
  /** Instead of `guardedEnvironments`. */
  environments: optional(list(text('the name of an environment', CODE), 1)),
  blocks: withDefault(list(choice(BLOCKABLE)), [...blocks]),
});

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/;
const moment = scalar(
  (value) => (MOMENT.test(value) && isCalendarDate(value.slice(0, 10)) && !Number.isNaN(Date.parse(value)) ? value : undefined),
  'a date, a local time 2026-12-31T18:00, or an instant 2026-12-31T18:00:00Z',
  { type: 'string', pattern: MOMENT.source },
);
const block = checked(
  object({
    connections: optional(connections),
    feeds: optional(feeds),
    ...scope(EVERYTHING),
    from: required(moment),
    to: required(moment),
    timeZone: optional(timeZone),
    reason: required(text('why, in words')),
  }),
  (value) => {
    if (value.timeZone === undefined && [value.from, value.to].some((at) => !/(Z|[+-]\d{2}:\d{2})$/.test(at.slice(10))))
      return ['has a date or local time but no time zone', 'add "timeZone:", or write instants that end in Z'];
    const isBackwards = /T/.test(value.to) ? value.to <= value.from : value.to < value.from.slice(0, 10);
    return isBackwards ? ['ends before it begins', 'swap "from" and "to"'] : undefined;
  },
);

const aName = text('a name that people know it by');
const workingDayOfMonth = integer(1, 15);
const holidaysName = like(CODE, 'the name of a holiday calendar');

const holidays = object({
  timeZone: required(timeZone),
  workingDays: withDefault(list(choice(DAY_NAMES), 1), DAY_NAMES.slice(0, 5)),
  ...scope([]),
  days: required(list(object({ date: required(calendarDate), name: required(aName) }))),
});

const close = object({
  name: required(aName),
  fromLastWorkingDay: required(workingDayOfMonth),
  toWorkingDay: required(workingDayOfMonth),
  timeZone: required(timeZone),
  holidays: optional(text('the name of a holiday calendar', CODE)),
  ...scope(ALL_BUT_DISPATCH),
});

type PayDay = 'last' | DayName | number;
const payDay = either(
  (node) => isScalar(node) && typeof node.value === 'string' && !/^\d/.test(node.value),
  mapped(choice(['last', ...DAY_NAMES]), (day): PayDay => day),
  mapped(integer(1, 31), (day): PayDay => day),
);
const payrollCycle = checked(
  object({
    name: required(aName),
    days: required(list(payDay, 1)),
    workingDaysBefore: withDefault(integer(0, 15), 0),
    workingDaysAfter: withDefault(integer(0, 15), 0),
    from: withDefault(timeOfDay, '00:00'),
    to: withDefault(timeOfDay, '24:00'),
    timeZone: required(timeZone),
    holidays: optional(text('the name of a holiday calendar', CODE)),
    ...scope(ALL_BUT_DISPATCH),
  }),
  ({ workingDaysBefore, workingDaysAfter, from, to }) =>
    workingDaysBefore + workingDaysAfter === 0 && to <= from
      ? ['ends before it begins', 'let "to" be after "from", or begin working days before']
      : undefined,
);

const afterCutOff = choice(['next-run', 'hold']);

/** calendars.yaml: late time, when nothing is sent, and when nothing is changed. */
export const calendarsFile = object({
  lateOriginals: required(late),
  lateCorrections: required(late),
  closingTakes: required(list(choice(['correction', 'late-approval']))),
  correctionsAfterPayCutOff: withDefault(
    either(
      isSingle,
      mapped(afterCutOff, (all) => ({ default: all, legalEntities: {} as Record<string, typeof all> })),
      object({ default: required(afterCutOff), legalEntities: withDefault(record(legalEntityKey, afterCutOff), {}) }),
    ),
    { default: 'next-run', legalEntities: {} },
  ),
  dispatchWindows: withDefault(record(like(CODE, 'the id of a connection'), list(window, 1)), {}),
  guardedEnvironments: withDefault(list(text('the name of an environment', CODE)), ['production']),
  changeWindows: withDefault(list(block), []),
  freezes: withDefault(list(block), []),
  closes: withDefault(list(close), []),
  payrollCycles: withDefault(list(payrollCycle), []),
  holidays: withDefault(record(holidaysName, holidays), {}),
});
