import { notify, recordReceipts } from '@tieout/persistence';
import type { ReceivedEvent } from '@tieout/messaging';
import type { ReleasedContent } from '@tieout/model';
import { ATTR, recordSpan } from '@tieout/telemetry';
import { lineContentOf } from '../domain/ledger.js';
import { CHANNELS, type Ledger } from './ledger.js';
import type { Pace } from './pace.js';

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
    const { database, targets, clock } = this.ledger;
    const startMs = clock.epochMs();
    const traced = newestPerEntry(incoming).map((release) => ({
      release,
      traceparent: spanOf(release, startMs, clock.epochMs()),
    }));
    await database.transaction(async (tx) => {
      await recordReceipts(
        tx,
        incoming.map(({ event }) => event),
      );
      // Known or not: release numbers decide, so a repeated event changes nothing.
      const taken = await targets.take(
        tx,
        traced.map(({ release, traceparent }) => ({
          entryId: release.entryId,
          releaseNo: release.releaseNo,
          legalEntityId: release.legalEntityId,
          routes: release.content?.routes ?? [],
          content: release.content === null ? null : lineContentOf(release.content),
          traceparent,
        })),
        clock.now(),
      );
      if (taken.size > 0) await notify(tx, CHANNELS.plan);
    });
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
