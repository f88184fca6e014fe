import type { ReceivedEvent } from '@tieout/messaging';
import type { ReleasedContent } from '@tieout/model';
import { ATTR, recordSpan } from '@tieout/telemetry';
import { CHANNELS } from './ledger.js';
import type { Pace } from './pace.js';
import type { Ledger, NewTarget } from './ports.js';

/** The latest word on an entry, as it came. No content: withdrawn. */
export interface IncomingRelease {
  readonly event: ReceivedEvent;
  readonly entryId: string;
  readonly releaseNo: number;
  readonly legalEntityId: string;
  readonly content: ReleasedContent | null;
}

/** Stores what shall stand where. Nothing is planned here: an entry that changes often is planned once. */
export class TakeReleases {
  constructor(
    private readonly ledger: Ledger,
    private readonly pace: Pace,
  ) {}

  async take(incoming: readonly IncomingRelease[]): Promise<void> {
    await this.pace.taking(incoming.length, () => this.#take(incoming));
  }

  async #take(incoming: readonly IncomingRelease[]): Promise<void> {
    const { database, targets, notices, clock, rules } = this.ledger;
    const startMs = clock.epochMs();
    const traced = newestPerEntry(incoming).map((release) => ({
      release,
      traceparent: spanOf(release, startMs, clock.epochMs()),
    }));
    await database.transaction(async (tx) => {
      await notices.receipts(
        tx,
        incoming.map(({ event }) => event),
      );
      const urgency = await rules.urgency(tx, startMs);
      // Known or not: release numbers decide, so a repeated event changes nothing.
      const taken = await targets.take(
        tx,
        traced.map(({ release, traceparent }) => {
          const wanted = this.#wanted(release.content);
          const contents = wanted.flatMap(({ lines }) => lines.map(({ content }) => content));
          return {
            entryId: release.entryId,
            releaseNo: release.releaseNo,
            legalEntityId: release.legalEntityId,
            wanted,
            // A withdrawal is as urgent as the clock says: there is nothing left to judge it by.
            rank: contents.length === 0 ? startMs : Math.min(...contents.map((content) => urgency(content).rank)),
            traceparent,
          };
        }),
        clock.now(),
      );
      if (taken.size > 0) await notices.wake(tx, CHANNELS.plan);
    });
  }

  #wanted(content: ReleasedContent | null): NewTarget['wanted'] {
    if (content === null) return [];
    const { rules } = this.ledger;
    return [...new Set(content.routes)]
      .filter((route) => rules.destinations.has(route))
      .sort()
      .map((destination) => ({ destination, lines: rules.wanted(content, destination) }));
  }
}

const newestPerEntry = (incoming: readonly IncomingRelease[]): IncomingRelease[] => {
  const newest = new Map<string, IncomingRelease>();
  for (const release of incoming) {
    const known = newest.get(release.entryId);
    if (known === undefined || known.releaseNo < release.releaseNo) newest.set(release.entryId, release);
  }
  return [...newest.values()];
};

const spanOf = (
  { event, entryId, releaseNo, legalEntityId, content }: IncomingRelease,
  startMs: number,
  endMs: number,
): string | undefined =>
  recordSpan('take release', {
    kind: 'consumer',
    parent: event.traceparent ?? null,
    startMs,
    endMs,
    attributes: {
      [ATTR.entryId]: entryId,
      [ATTR.releaseNo]: releaseNo,
      [ATTR.legalEntity]: legalEntityId,
      ...(content !== null && { [ATTR.workerKey]: content.workerId, [ATTR.project]: content.projectCode }),
    },
  }) ?? event.traceparent;
