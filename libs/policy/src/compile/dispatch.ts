import { addDays, localInstant, type Feed, type WorkDate } from '@tieout/model';
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
const KNOWN_DAYS = 1000;

/** One dispatch window on the days around an instant. A window over midnight belongs to the day on which it begins. */
class OpeningHours {
  // The same few days are asked for again and again; working them out takes longer than the rest of the answer.
  readonly #known = new Map<WorkDate, Span | undefined>();

  constructor(private readonly window: Window) {}

  around(at: number): Span[] {
    const today = DateTime.fromMillis(at, { zone: this.window.timeZone }).toISODate()!;
    const spans: Span[] = [];
    for (let offset = -1; offset <= DAYS_AHEAD; offset++) {
      const span = this.#on(addDays(today, offset));
      if (span) spans.push(span);
    }
    return spans;
  }

  #on(date: WorkDate): Span | undefined {
    if (this.#known.has(date)) return this.#known.get(date);
    if (this.#known.size > KNOWN_DAYS) this.#known.clear();
    const span = this.#spanOn(date);
    this.#known.set(date, span);
    return span;
  }

  #spanOn(date: WorkDate): Span | undefined {
    const { days, from, to, timeZone } = this.window;
    if (!days.includes(DAY_NAMES[DateTime.fromISO(date, { zone: 'utc' }).weekday - 1]!)) return undefined;
    const end = to === '24:00' || to < from ? addDays(date, 1) : date;
    return { from: localMs(`${date}T${from}`, timeZone), to: localMs(`${end}T${to === '24:00' ? '00:00' : to}`, timeZone) };
  }
}

const localMs = (local: string, zone: string): number => Date.parse(localInstant(local, zone)!);

/** An instant as it is; a date begins at midnight. */
const momentMs = (text: string, zone: string | undefined): number =>
  zone === undefined || /T.*(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : localMs(text.includes('T') ? text.replace(/\.\d+$/, '') : `${text}T00:00`, zone);

/** "to: 2026-12-26" means until that day is over. */
const closingOf = (block: Block): Closing => ({
  from: momentMs(block.from, block.timeZone),
  to: momentMs(block.to.includes('T') ? block.to : addDays(block.to, 1), block.timeZone),
  why: block.reason,
});

/** Why nothing goes out at an instant and until when at least that reason holds; or until when the way is open. */
class Timetable {
  constructor(
    private readonly windows: readonly OpeningHours[],
    private readonly closings: readonly Closing[],
  ) {}

  closedAt(at: number): { readonly why: string; readonly until: number } | undefined {
    const closing = this.closings.find(({ from, to }) => from <= at && at < to);
    if (closing) return { why: closing.why, until: closing.to };
    if (this.windows.length === 0) return undefined;
    const spans = this.windows.flatMap((window) => window.around(at));
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
      const holding = this.windows.flatMap((window) => window.around(end)).filter(({ from, to }) => from <= end && end < to);
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
        (own(calendars.dispatchWindows, connection) ?? [])
          .filter(({ feeds }) => feeds === undefined || feeds.includes(feed))
          .map((window) => new OpeningHours(window)),
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
