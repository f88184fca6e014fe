import type { ReceivedEvent } from '@tieout/messaging';
import type { Tx } from '@tieout/persistence';
import type { ReleasedContent } from '@tieout/model';
import { ATTR, recordSpan } from '@tieout/telemetry';
import { CHANNELS } from './ledger.js';
import type { Pace } from './pace.js';
import type { Ledger, NewTarget, SentTarget } from './ports.js';

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
      const sent = await this.#sent(tx, traced);
      // Known or not: release numbers decide, so a repeated event changes nothing.
      const taken = await targets.take(
        tx,
        traced.map(({ release, traceparent }) => {
          const wanted = this.#wanted(release, sent.get(release.entryId) ?? []);
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

  /** Only where policy leaves the past of a legal entity in the destination that it left. */
  async #sent(tx: Tx, traced: readonly { readonly release: IncomingRelease }[]): Promise<ReadonlyMap<string, SentTarget[]>> {
    const { rules, targets } = this.ledger;
    const entries = traced.map(({ release }) => release.entryId);
    return rules.afterMove === undefined ? new Map() : Map.groupBy(await targets.sent(tx, entries), ({ entryId }) => entryId);
  }

  #wanted({ content, legalEntityId }: IncomingRelease, sent: readonly SentTarget[]): NewTarget['wanted'] {
    const { rules } = this.ledger;
    const wanted = [...new Set(content?.routes)]
      .filter((route) => rules.destinations.has(route))
      .sort()
      .map((destination) => ({ destination, lines: rules.wanted(content!, destination) }));
    return rules.afterMove?.(legalEntityId, wanted, sent) ?? wanted;
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
