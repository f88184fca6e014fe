import { POSTING_PROTOCOLS } from '@tieout/connector-kit';
import { Random } from './random.js';
import {
  POINTS,
  WRITE_FAULTS,
  type Closing,
  type ContentScript,
  type DestinationScript,
  type EntryScript,
  type Mischief,
  type Point,
  type ReleaseScript,
  type ReplayScript,
  type Script,
} from './script.js';

const WORK_DATES = ['2026-10-29', '2026-10-31', '2026-11-02', '2026-11-15', '2026-11-30'];
const HOURS = ['8', '7.5', '4', '0.25', '6'];
/** Changes come within this time. */
const WORK_MS = 26_000;
/** Copies of a message arrive within this time of each other. */
const REORDER_MS = 12_000;

/** What a seed stands for. */
export const scriptOf = (seed: number): Script => {
  const random = new Random(`tieout ${seed}`);
  const correction = random.chance(0.3) ? 'adjust' : 'reverse';
  const destinations = Array.from({ length: random.chance(0.25) ? 2 : 1 }, (_, n) => destinationOf(random, n));
  const replicas = Array.from({ length: random.pick([1, 2, 2, 3]) }, () => ({
    skewMs: random.chance(0.3) ? random.int(-300_000, 300_000) : 0,
  }));
  const entries = Array.from({ length: random.int(3, random.chance(0.15) ? 25 : 8) }, (_, n) =>
    entryOf(random, n, destinations.length),
  );
  const calm = random.chance(0.1);
  return {
    seed,
    correction,
    replicas,
    destinations,
    entries,
    closings: closingsOf(random),
    mischief: calm ? [] : mischiefOf(random, replicas.length, destinations),
    healMs: random.int(28_000, 45_000),
    mended: random.chance(0.5),
    replays: random.chance(0.2) ? replaysOf(random, entries.length, destinations.length) : [],
    signed: correction === 'adjust' && random.chance(0.4),
  };
};

const destinationOf = (random: Random, n: number): DestinationScript => {
  const protocol = random.pick([...POSTING_PROTOCOLS, 'look-up', 'draft-then-post'] as const);
  return {
    id: `erp-${n + 1}`,
    protocol,
    maxLines: random.pick([1, 3, 8, 50]),
    slots: random.int(1, 4),
    partial: random.chance(0.35),
    namesLines: random.chance(0.5),
    answersLater: protocol !== 'draft-then-post' && random.chance(0.15),
    keyIgnored: protocol === 'idempotency-key' && random.chance(0.3),
    requestTimeoutMs: random.pick([1_500, 4_000, 8_000]),
    lateMs: random.pick([0, 2_000, 6_000]),
    readLagMs: random.pick([0, 300, 3_000]),
    summarised: random.chance(0.15),
  };
};

const entryOf = (random: Random, entry: number, destinations: number): EntryScript => {
  const poison = random.chance(0.08);
  const first = contentOf(random, destinations, poison);
  const count = random.pick([1, 1, 1, 2, 2, 3, 4]);
  let atMs = random.int(0, WORK_MS / 2);
  const releases: ReleaseScript[] = [releaseOf(random, atMs, first)];
  let latest: ContentScript | null = first;
  for (let n = 1; n < count; n++) {
    // Often while the older release is being sent.
    atMs += random.chance(0.5) ? random.int(0, 1_500) : random.int(0, WORK_MS / 2);
    latest = changedOf(random, first, latest, destinations);
    releases.push(releaseOf(random, atMs, latest));
  }
  return { entry, releases };
};

const contentOf = (random: Random, destinations: number, poison: boolean): ContentScript => ({
  workDate: random.pick(WORK_DATES),
  hours: random.pick(HOURS),
  amount: `${random.int(10, 900)}.5`,
  project: poison ? 'BAD' : `P-${random.int(1, 4)}`,
  payCode: random.pick(['REG', 'REG', 'OT']),
  intercompany: random.chance(0.15),
  accrued: random.chance(0.08),
  routes: destinations === 1 || random.chance(0.4) ? [random.int(0, destinations - 1)] : [0, 1],
});

const changedOf = (
  random: Random,
  first: ContentScript,
  latest: ContentScript | null,
  destinations: number,
): ContentScript | null => {
  if (random.chance(0.15)) return null;
  if (random.chance(0.25)) return first;
  const base = latest ?? first;
  const other = contentOf(random, destinations, random.chance(0.05));
  const field = random.pick(['hours', 'hours', 'amount', 'project', 'workDate', 'payCode', 'intercompany', 'routes'] as const);
  const changed = { ...base, [field]: other[field] };
  return field === 'hours' ? { ...changed, amount: other.amount } : changed;
};

const releaseOf = (random: Random, atMs: number, content: ContentScript | null): ReleaseScript => {
  const copies = random.chance(0.08) ? 0 : random.chance(0.15) ? random.int(2, 3) : 1;
  const arrivals = Array.from({ length: copies }, () => (random.chance(0.2) ? random.int(0, REORDER_MS) : random.int(1, 60)));
  return { atMs, content, arrivals };
};

/** The last period stays open, or opens again: somewhere a line must be able to go. */
const closingsOf = (random: Random): Closing[] => {
  const closings: Closing[] = [];
  if (random.chance(0.4)) closings.push(closingOf(random, '2026-10', random.chance(0.15)));
  if (random.chance(0.15)) closings.push(closingOf(random, '2026-11', random.chance(0.3)));
  if (random.chance(0.05)) closings.push(closingOf(random, '2026-12', true));
  return closings;
};

const closingOf = (random: Random, period: string, reopens: boolean): Closing => {
  const atMs = random.int(0, WORK_MS);
  const toldAtMs = Math.max(0, atMs + random.int(-8_000, 12_000));
  return { period, atMs, toldAtMs, reopensAtMs: reopens ? Math.max(atMs, toldAtMs) + random.int(1_000, 10_000) : undefined };
};

const replaysOf = (random: Random, entries: number, destinations: number): ReplayScript[] =>
  Array.from({ length: random.int(1, 2) }, () => {
    const atMs = random.int(0, WORK_MS);
    return random.chance(0.5)
      ? { atMs, entry: random.int(0, entries - 1) }
      : { atMs, destination: random.int(0, destinations - 1) };
  });

const mischiefOf = (random: Random, replicas: number, destinations: readonly DestinationScript[]): Mischief[] => {
  const count = random.pick([1, 2, 3, 5, 8, 12]);
  return Array.from({ length: count }, () => oneMischief(random, replicas, destinations));
};

/** How often a point is reached in one seed, roughly, where that is not often. */
const MOST: Partial<Record<Point, number>> = { leave: 12, left: 12, answer: 12, beat: 90 };

const oneMischief = (random: Random, replicas: number, destinations: readonly DestinationScript[]): Mischief => {
  const replica = random.int(0, replicas - 1);
  const destination = random.int(0, destinations.length - 1);
  const point = random.pick(POINTS);
  const nth = random.int(1, MOST[point] ?? 60);
  const forMs = random.pick([300, 3_000, 8_000, 14_000, 25_000]);
  switch (
    random.pick(['crash', 'crash', 'pause', 'pause', 'database', 'write', 'write', 'write', 'write', 'read', 'outage'] as const)
  ) {
    case 'crash':
      return { kind: 'crash', replica, point, nth, forMs };
    case 'pause':
      return { kind: 'pause', replica, point: point === 'commit' ? 'committed' : point, nth, forMs };
    case 'database':
      return { kind: 'database', replica, nth: random.int(1, 80), fault: random.pick(['refused', 'answer-lost']) };
    case 'write':
      return { kind: 'write', destination, nth: random.int(1, 12), fault: writeFault(random, destinations[destination]!) };
    case 'read':
      return { kind: 'read', destination, nth: random.int(1, 12), fault: random.pick(['refused', 'answer-lost']) };
    case 'outage': {
      const fromMs = random.int(0, WORK_MS);
      return { kind: 'outage', destination, fromMs, toMs: fromMs + random.int(500, 15_000), silent: random.chance(0.4) };
    }
  }
};

/** A gateway that repeats requests books twice only where nothing of ours could stop it. */
const writeFault = (random: Random, destination: DestinationScript): (typeof WRITE_FAULTS)[number] => {
  const defenceless = destination.protocol === 'look-up' || destination.keyIgnored;
  const fault = defenceless && random.chance(0.2) ? 'twice' : random.pick(WRITE_FAULTS);
  return fault === 'twice' && !defenceless ? 'answer-lost' : fault;
};
