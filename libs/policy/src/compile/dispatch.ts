import { addDays, type Feed, type WorkDate } from '@tieout/model';
import { DateTime } from 'luxon';
import type { Bundle } from '../bundle/schemas.js';
import type { CompiledPolicy, Where } from '../compiled-policy.js';
import { instant, HORIZON_MS, localMs, spanOf, type Span } from './moments.js';
import { own } from './own.js';
import { weekday } from './working-days.js';

type Calendars = Bundle['calendars.yaml'];
type Window = Calendars['dispatchWindows'][string][number];
type Block = Calendars['freezes'][number];

interface Closing extends Span {
  readonly why: string;
}

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
    if (!days.includes(weekday(date))) return undefined;
    const end = to === '24:00' || to < from ? addDays(date, 1) : date;
    return { from: localMs(`${date}T${from}`, timeZone), to: localMs(`${end}T${to === '24:00' ? '00:00' : to}`, timeZone) };
  }
}

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

export const compileDispatch = (calendars: Calendars): CompiledPolicy['mayDispatch'] => {
  const blocks = [...calendars.changeWindows, ...calendars.freezes]
    .filter(({ blocks: what }) => what.includes('dispatch'))
    .map((block) => ({ block, closing: { ...spanOf(block), why: block.reason } }));
  const timetables = new Map<string, Timetable>();
  const timetable = (connection: string, feed: Feed, where: Where): Timetable => {
    const key = JSON.stringify([connection, feed, where.legalEntityId, where.region]);
    let found = timetables.get(key);
    if (!found) {
      found = new Timetable(
        (own(calendars.dispatchWindows, connection) ?? [])
          .filter(({ feeds }) => feeds === undefined || feeds.includes(feed))
          .map((window) => new OpeningHours(window)),
        blocks.filter(({ block }) => concerns(block, connection, feed, where)).map(({ closing }) => closing),
      );
      timetables.set(key, found);
    }
    return found;
  };
  return (connection, feed, at, where = {}) => {
    const ms = Date.parse(at);
    const times = timetable(connection, feed, where);
    const closed = times.closedAt(ms);
    if (!closed) return { open: true, until: instant(times.closesAfter(ms)) };
    return { open: false, why: closed.why, opensAt: instant(times.opensAfter(ms)) };
  };
};

/** A connection as a whole stays open while only some legal entities are frozen: their lines are held back one by one. */
const concerns = (block: Block, connection: string, feed: Feed, where: Where): boolean =>
  (block.connections === undefined || block.connections.includes(connection)) &&
  (block.feeds === undefined || block.feeds.includes(feed)) &&
  ((block.legalEntities === undefined && block.regions === undefined) ||
    block.legalEntities?.includes(where.legalEntityId ?? '') === true ||
    block.regions?.includes(where.region ?? '') === true);
