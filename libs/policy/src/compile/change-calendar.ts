import { addDays, dateIn, type WorkDate } from '@tieout/model';
import type { Bundle } from '../bundle/schemas.js';
import type { Blockable, CalendarKind, CalendarSpan, Change, ChangeQuestion, CompiledPolicy } from '../compiled-policy.js';
import { HORIZON_MS, instant, localMs, spanOf, type Span } from './moments.js';
import { own } from './own.js';
import { addMonths, DAY_NAMES, dayOfMonth, monthOf, weekday, WorkingDays, type DayName, type Month } from './working-days.js';

type Calendars = Bundle['calendars.yaml'];
type Holidays = Calendars['holidays'];

interface Scope {
  readonly legalEntities?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly services?: readonly string[] | undefined;
  readonly environments?: readonly string[] | undefined;
  readonly blocks: readonly Blockable[];
}

/** One line of the calendar file and the times that it stands for. */
interface Entry extends Scope {
  readonly kind: CalendarKind;
  readonly name: string;
  /** Those that overlap the two instants, in order. */
  spans(from: number, to: number): readonly Span[];
}

const overlapping = (spans: readonly Span[], from: number, to: number): Span[] =>
  spans.filter((span) => span.from < to && from < span.to).sort((a, b) => a.from - b.from);

const fixed =
  (spans: readonly Span[]): Entry['spans'] =>
  (from, to) =>
    overlapping(spans, from, to);

/** What recurs is worked out month by month: a month may reach into both of its neighbours, and a long holiday a little further. */
const REACH_MONTHS = 2;
const KNOWN_MONTHS = 120;

const monthly = (spansOf: (month: Month) => readonly Span[]): Entry['spans'] => {
  const known = new Map<Month, readonly Span[]>();
  const inMonth = (month: Month): readonly Span[] => {
    if (known.size > KNOWN_MONTHS) known.clear();
    let spans = known.get(month);
    if (spans === undefined) known.set(month, (spans = spansOf(month)));
    return spans;
  };
  return (from, to) => {
    const spans: Span[] = [];
    const last = addMonths(monthOf(dateIn(instant(to)!, 'utc')), REACH_MONTHS);
    for (let month = addMonths(monthOf(dateIn(instant(from)!, 'utc')), -REACH_MONTHS); month <= last; month = addMonths(month, 1))
      spans.push(...inMonth(month));
    return overlapping(spans, from, to);
  };
};

const workingDays = (holidays: Holidays, name: string | undefined): WorkingDays => {
  const calendar = own(holidays, name);
  return new WorkingDays(calendar?.workingDays ?? DAY_NAMES.slice(0, 5), new Set(calendar?.days.map(({ date }) => date)));
};

const closeSpans = (close: Calendars['closes'][number], holidays: Holidays): Entry['spans'] => {
  const days = workingDays(holidays, close.holidays);
  return monthly((month) => {
    const first = days.ofMonth(month, -close.fromLastWorkingDay);
    const last = days.ofMonth(addMonths(month, 1), close.toWorkingDay);
    return [{ from: localMs(`${first}T00:00`, close.timeZone), to: localMs(`${addDays(last, 1)}T00:00`, close.timeZone) }];
  });
};

const payrollSpans = (cycle: Calendars['payrollCycles'][number], holidays: Holidays): Entry['spans'] => {
  const days = workingDays(holidays, cycle.holidays);
  return monthly((month) =>
    cycle.days
      .flatMap((day) => datesOf(month, day))
      .map((payDay) => {
        const first = days.shift(payDay, -cycle.workingDaysBefore);
        const last = days.shift(payDay, cycle.workingDaysAfter);
        const to = cycle.to === '24:00' ? `${addDays(last, 1)}T00:00` : `${last}T${cycle.to}`;
        return { from: localMs(`${first}T${cycle.from}`, cycle.timeZone), to: localMs(to, cycle.timeZone) };
      }),
  );
};

/** Of a day of the week: all in the month. */
const datesOf = (month: Month, day: number | 'last' | DayName): WorkDate[] => {
  if (typeof day === 'number' || day === 'last') return [dayOfMonth(month, day)];
  const last = Number(dayOfMonth(month, 'last').slice(-2));
  const dates = Array.from({ length: last }, (_, index) => dayOfMonth(month, index + 1));
  return dates.filter((date) => weekday(date) === day);
};

const entriesOf = (calendars: Calendars): Entry[] => [
  ...calendars.freezes.map((o): Entry => ({ ...o, kind: 'freeze', name: o.reason, spans: fixed([spanOf(o)]) })),
  ...calendars.changeWindows.map((o): Entry => ({ ...o, kind: 'change-window', name: o.reason, spans: fixed([spanOf(o)]) })),
  ...calendars.closes.map((o): Entry => ({ ...o, kind: 'close', spans: closeSpans(o, calendars.holidays) })),
  ...calendars.payrollCycles.map((o): Entry => ({ ...o, kind: 'payroll', spans: payrollSpans(o, calendars.holidays) })),
  ...Object.values(calendars.holidays).flatMap(({ days, timeZone, ...scope }) =>
    days.map(({ date, name }): Entry => ({
      ...scope,
      kind: 'holiday',
      name,
      spans: fixed([spanOf({ from: date, to: date, timeZone })]),
    })),
  ),
];

const BLOCKED_BY: Readonly<Record<Change, Blockable>> = {
  deployment: 'deployments',
  activation: 'activations',
  promotion: 'promotions',
  mapping: 'mappings',
};

/** What the question does not say is not known to differ, so it counts. */
const concerns = (entry: Entry, q: ChangeQuestion, guarded: readonly string[]): boolean => {
  if (!entry.blocks.includes(BLOCKED_BY[q.change])) return false;
  if (!(entry.environments ?? guarded).includes(q.environment)) return false;
  if (q.change === 'deployment' && q.service !== undefined && entry.services?.includes(q.service) === false) return false;
  const { legalEntities, regions } = entry;
  if (legalEntities === undefined && regions === undefined) return true;
  const named = (list: readonly string[] | undefined, name: string | undefined): boolean =>
    list !== undefined && (name === undefined || list.includes(name));
  return named(legalEntities, q.legalEntityId) || named(regions, q.region);
};

const KIND_NAMES: Readonly<Record<CalendarKind, string>> = {
  close: 'close',
  payroll: 'payroll run',
  'change-window': 'change window',
  freeze: 'freeze',
  holiday: 'holiday',
};
const whyText = ({ kind, name, legalEntities, regions }: Entry, until: number): string => {
  const whose = [...(legalEntities ?? []), ...(regions ?? [])].join(', ');
  return `${KIND_NAMES[kind]} "${name}"${whose && ` of ${whose}`} until ${instant(until)!}`;
};

interface Block {
  readonly entry: Entry;
  readonly until: number;
}
/** Of those that hold at the instant, the one that holds longest. */
const blockAt = (entries: readonly Entry[], at: number): Block | undefined => {
  let longest: Block | undefined;
  for (const entry of entries)
    for (const { to } of entry.spans(at, at + 1)) if (longest === undefined || to > longest.until) longest = { entry, until: to };
  return longest;
};

const opensAfter = (entries: readonly Entry[], block: Block, at: number): number | undefined => {
  let opens = block.until;
  for (let next = blockAt(entries, opens); next !== undefined; next = blockAt(entries, opens)) {
    opens = next.until;
    if (opens - at > HORIZON_MS) return undefined;
  }
  return opens;
};

const nextBlock = (entries: readonly Entry[], at: number): number | undefined => {
  const starts = entries.flatMap((entry) => entry.spans(at, at + HORIZON_MS).map(({ from }) => from));
  return starts.length === 0 ? undefined : Math.min(...starts);
};

export const compileChangeCalendar = (calendars: Calendars): Pick<CompiledPolicy, 'changeAllowed' | 'changeCalendar'> => {
  const entries = entriesOf(calendars);
  return {
    changeAllowed: (q) => {
      const at = Date.parse(q.at);
      const concerned = entries.filter((entry) => concerns(entry, q, calendars.guardedEnvironments));
      const block = blockAt(concerned, at);
      if (block === undefined) return { allowed: true, until: instant(nextBlock(concerned, at)) };
      return {
        allowed: false,
        why: whyText(block.entry, block.until),
        opensAt: instant(opensAfter(concerned, block, at)),
        blockedBy: block.entry.kind,
      };
    },
    changeCalendar: (from, to) =>
      entries
        .flatMap(({ kind, name, legalEntities, regions, blocks, spans }) =>
          spans(Date.parse(from), Date.parse(to)).map((span): CalendarSpan => ({
            from: instant(span.from)!,
            to: instant(span.to)!,
            kind,
            name,
            ...(legalEntities && { legalEntities }),
            ...(regions && { regions }),
            blocks,
          })),
        )
        .sort((a, b) => Date.parse(a.from) - Date.parse(b.from)),
  };
};
