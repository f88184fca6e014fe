import { EVENT_TYPES } from '@tieout/contracts';
import type { IncomingRelease } from '@tieout/delivery';
import { LEGAL_ENTITY, PERIODS } from './periods.js';
import { releasedContent } from './rules.js';
import type { EntryScript, ReleaseScript } from './script.js';
import { short } from './trace.js';
import type { World } from './world.js';

/** A message that nobody acknowledged is delivered again. */
const ACK_WAIT_MS = 6_000;
/** The completeness sweep finds what was lost. */
const SWEEP_MS = 15_000;
const NOBODY_MS = 300;

export const entryIdOf = (entry: number): string => `e0000000-0000-5000-8000-${String(entry + 1).padStart(12, '0')}`;

/** Carries releases and period changes: late, twice, out of order, or only when the sweep asks. */
export class Network {
  /** When the last message was sent, and has come. */
  readonly quietFromMs: number;

  constructor(private readonly world: World) {
    const { entries, closings } = world.script;
    const told = closings.flatMap(({ atMs, toldAtMs, reopensAtMs }) => [atMs, toldAtMs, (reopensAtMs ?? 0) + 500]);
    const sent = entries.flatMap(({ releases }) =>
      releases.map(({ atMs, arrivals }) => atMs + Math.max(...(arrivals.length === 0 ? [SWEEP_MS] : arrivals))),
    );
    this.quietFromMs = Math.max(...told, ...sent) + ACK_WAIT_MS;
  }

  start(): void {
    const { script, time } = this.world;
    for (const entry of script.entries)
      entry.releases.forEach((release, index) => time.after(release.atMs, () => this.#publish(entry, release, index + 1)));
    for (const { period, atMs, toldAtMs, reopensAtMs } of script.closings) {
      const known = PERIODS.find(({ code }) => code === period)!;
      time.after(atMs, () => this.world.setOpen(period, false));
      time.after(toldAtMs, () =>
        this.#deliver(`period ${period} closed`, (to) => to.hear({ ...known, open: false, revision: 2 })),
      );
      if (reopensAtMs === undefined) continue;
      time.after(reopensAtMs, () => this.world.setOpen(period, true));
      time.after(reopensAtMs + 500, () =>
        this.#deliver(`period ${period} open`, (to) => to.hear({ ...known, open: true, revision: 3 })),
      );
    }
  }

  #publish(entry: EntryScript, script: ReleaseScript, releaseNo: number): void {
    const { world } = this;
    const entryId = entryIdOf(entry.entry);
    const content = script.content === null ? null : releasedContent(script.content, world.script);
    const release: IncomingRelease = {
      event: envelopeOf(entryId, releaseNo),
      entryId,
      releaseNo,
      legalEntityId: LEGAL_ENTITY,
      content,
    };
    const said =
      content === null
        ? 'withdrawn'
        : `${content.hours} h on ${content.projectCode}, ${content.workDate}, ${content.cost.amount}`;
    const what = `entry ${short(entryId.slice(-8))} release ${releaseNo}`;
    world.trace.note('time', `${what}: ${said}`);
    const copies = script.arrivals.length === 0 ? [SWEEP_MS] : script.arrivals;
    for (const delayMs of copies) world.time.after(delayMs, () => this.#deliver(what, (to) => to.take([release])));
  }

  /** At least once. */
  #deliver(what: string, give: (to: NonNullable<ReturnType<World['anyone']>>) => Promise<void>): void {
    const { world } = this;
    const to = world.anyone();
    if (to === undefined) {
      world.time.after(NOBODY_MS, () => this.#deliver(what, give));
      return;
    }
    let acknowledged = false;
    give(to).then(
      () => (acknowledged = true),
      () => undefined,
    );
    world.trace.note(to.name, `receives ${what}`);
    world.time.after(ACK_WAIT_MS, () => {
      if (!acknowledged) this.#deliver(what, give);
    });
  }
}

/** As it comes from the stream. */
const envelopeOf = (entryId: string, releaseNo: number): IncomingRelease['event'] => ({
  eventId: `${entryId}/${releaseNo}`,
  type: EVENT_TYPES.entryReleased,
  subject: `evt.${EVENT_TYPES.entryReleased}.${LEGAL_ENTITY}`,
  producer: 'time',
  time: '2026-11-02T00:00:00.000Z',
  bucket: 0,
  traceparent: undefined,
  body: undefined,
  deliveryCount: 1,
  streamSequence: releaseNo,
});
