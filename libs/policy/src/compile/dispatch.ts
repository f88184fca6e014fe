import { addDays, type Feed } from '@tieout/model';
import { DateTime } from 'luxon';
import type { Bundle } from '../bundle/schemas.js';
import type { CompiledPolicy } from '../compiled-policy.js';
import { own } from './own.js';

type Calendars = Bundle['calendars.yaml'];
type Window = Calendars['dispatchWindows'][string][number];
type Block = Calendars['freezes'][number];

/** Half-open, in milliseconds since the epoch. */
interface Span {
  readonly from: number;
  readonly to: number;
}
interface Closing extends Span {
  readonly why: string;
}

const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const HORIZON_MS = 366 * 86_400_000;
/** A week and a day either way meets every window that holds an instant or opens after it. */
const DAYS_AHEAD = 8;

/** Windows of the days around an instant. A window over midnight belongs to the day on which it begins. */
const spansOf = (window: Window, at: number): Span[] => {
  const today = DateTime.fromMillis(at, { zone: window.timeZone }).toISODate()!;
  const spans: Span[] = [];
  for (let offset = -1; offset <= DAYS_AHEAD; offset++) {
    const date = addDays(today, offset);
    const weekday = DateTime.fromISO(date, { zone: 'utc' }).weekday;
    if (!window.days.includes(DAY_NAMES[weekday - 1]!)) continue;
    const end = window.to === '24:00' || window.to < window.from ? addDays(date, 1) : date;
    spans.push({
      from: localMs(`${date}T${window.from}`, window.timeZone),
      to: localMs(`${end}T${window.to === '24:00' ? '00:00' : window.to}`, window.timeZone),
    });
  }
  return spans;
};

const localMs = (text: string, zone: string | undefined): number => DateTime.fromISO(text, { zone: zone ?? 'utc' }).toMillis();

/** "to: 2026-12-26" means until that day is over. */
const closingOf = (block: Block): Closing => ({
  from: localMs(block.from, block.timeZone),
  to: localMs(block.to.includes('T') ? block.to : addDays(block.to, 1), block.timeZone),
  why: block.reason,
});

/** Why nothing goes out at an instant and until when at least that reason holds; or until when the way is open. */
class Timetable {
  constructor(
    private readonly windows: readonly Window[],
    private readonly closings: readonly Closing[],
  ) {}

  closedAt(at: number): { readonly why: string; readonly until: number } | undefined {
    const closing = this.closings.find(({ from, to }) => from <= at && at < to);
    if (closing) return { why: closing.why, until: closing.to };
    if (this.windows.length === 0) return undefined;
    const spans = this.windows.flatMap((window) => spansOf(window, at));
    if (spans.some(({ from, to }) => from <= at && at < to)) return undefined;
    return { why: 'outside its dispatch windows', until: Math.min(...spans.map(({ from }) => from).filter((from) => from > at)) };
  }

  /** The first closed instant after `at`, which is open. */
  closesAfter(at: number): number | undefined {
    const nextClosing = Math.min(...this.closings.map(({ from }) => from).filter((from) => from > at));
    if (this.windows.length === 0) return Number.isFinite(nextClosing) ? nextClosing : undefined;
    let end = at;
    // Windows that meet or overlap are one opening.
    while (end < nextClosing && end - at < HORIZON_MS) {
      const holding = this.windows.flatMap((window) => spansOf(window, end)).filter(({ from, to }) => from <= end && end < to);
      if (holding.length === 0) return end;
      end = Math.max(...holding.map(({ to }) => to));
    }
    return Math.min(end, nextClosing) - at < HORIZON_MS ? Math.min(end, nextClosing) : undefined;
  }

  opensAfter(at: number): number | undefined {
    let candidate = at;
    for (let closed = this.closedAt(candidate); closed; closed = this.closedAt(candidate)) {
      candidate = closed.until;
      if (!(candidate - at < HORIZON_MS)) return undefined;
    }
    return candidate;
  }
}

const instant = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

export const compileDispatch = (calendars: Calendars): CompiledPolicy['mayDispatch'] => {
  const blocks = [...calendars.changeWindows, ...calendars.freezes].map((block) => ({ block, closing: closingOf(block) }));
  const timetables = new Map<string, Timetable>();
  const timetable = (connection: string, feed: Feed, legalEntityId: string | undefined): Timetable => {
    const key = JSON.stringify([connection, feed, legalEntityId]);
    let found = timetables.get(key);
    if (!found) {
      found = new Timetable(
        (own(calendars.dispatchWindows, connection) ?? []).filter(({ feeds }) => feeds === undefined || feeds.includes(feed)),
        blocks.filter(({ block }) => concerns(block, connection, feed, legalEntityId)).map(({ closing }) => closing),
      );
      timetables.set(key, found);
    }
    return found;
  };
  return (connection, feed, at, legalEntityId) => {
    const ms = Date.parse(at);
    const times = timetable(connection, feed, legalEntityId);
    const closed = times.closedAt(ms);
    if (!closed) return { open: true, until: instant(times.closesAfter(ms)) };
    return { open: false, why: closed.why, opensAt: instant(times.opensAfter(ms)) };
  };
};

const concerns = (block: Block, connection: string, feed: Feed, legalEntityId: string | undefined): boolean =>
  (block.connections === undefined || block.connections.includes(connection)) &&
  (block.feeds === undefined || block.feeds.includes(feed)) &&
  (block.legalEntities === undefined || (legalEntityId !== undefined && block.legalEntities.includes(legalEntityId)));
