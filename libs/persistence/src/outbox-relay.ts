import type { Clock } from '@tieout/clock';
import { KEEPS_LAST, type Context } from '@tieout/contracts';
import type { EventPublisher, OutgoingEvent } from '@tieout/messaging';
import { Fault } from '@tieout/model';
import { counter } from '@tieout/telemetry';
import type { Database } from './database.js';
import type { Listener } from './listener.js';
import type { Log } from './log.js';
import { decideLast, type LastRevision } from './last-per-subject.js';
import { claim, markPublished, markSuperseded, release, type ClaimedRow } from './outbox-store.js';
import { OUTBOX_CHANNEL } from './outbox.js';
import { WorkLoop } from './work-loop.js';

export interface OutboxRelayOptions {
  readonly database: Database;
  readonly publisher: Pick<EventPublisher, 'publish' | 'lastOf'>;
  readonly producer: Context;
  readonly clock: Clock;
  readonly logger: Log;
  readonly listener?: Pick<Listener, 'on' | 'off'>;
  /** Rows per claim (1 500). */
  readonly batch?: number;
  /** How long a claim holds (10 s): as long an event may wait when its relay was killed. */
  readonly leaseMs?: number;
  readonly pollMs?: number;
}

/** While one batch is on its way to NATS, the other is claimed or marked. */
const LANES = 2;
/** An event that NATS refuses for good (too large) is tried seldom, so that it delays no other. */
const REFUSED_WAIT_MS = 300_000;
const LAST_TRIES = 3;
const LAST_READS_AT_ONCE = 64;

const published = counter('tieout.outbox.published', 'Events that the relay published');
const keepsLast = (row: ClaimedRow): boolean => KEEPS_LAST[row.type] !== undefined;

interface Sorted {
  readonly done: number[];
  readonly superseded: ClaimedRow[];
  readonly again: number[];
  readonly refused: number[];
}

/**
 * Publishes what stands unpublished in the outbox, at least once, in no promised order; the message id `<event id>:<emission>` keeps a
 * repetition out of the stream. Any number of replicas may run. When publishing fails, the rows stay.
 */
export class OutboxRelay {
  readonly #options: OutboxRelayOptions;
  readonly #batch: number;
  readonly #lanes: WorkLoop[];
  #lastProblem = '';

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
    this.#batch = options.batch ?? 1_500;
    const { producer, database, clock, logger, listener, pollMs = 1_000 } = options;
    this.#lanes = Array.from({ length: LANES }, (_, lane) => {
      const run = (): Promise<'more' | 'idle'> => this.#run(lane);
      const common = { name: `outbox relay ${producer} ${lane + 1}`, run, database, clock, logger };
      // The second lane works only when the first found more than it can carry.
      return new WorkLoop(
        lane === 0
          ? { ...common, pollMs, wakeOn: OUTBOX_CHANNEL, ...(listener && { listener }) }
          : { ...common, pollMs: pollMs * 10 },
      );
    });
  }

  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  /** Finishes the batches in flight. */
  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }

  /** True when nothing waited at the last look. */
  get idle(): boolean {
    return this.#lanes.every((lane) => lane.idle);
  }

  async #run(lane: number): Promise<'more' | 'idle'> {
    const { database, leaseMs = 10_000, clock } = this.#options;
    const rows = await claim(database, this.#batch, leaseMs);
    if (rows.length === 0) return 'idle';
    if (rows.length === this.#batch && lane === 0) this.#lanes[1]?.wake();
    const sorted: Sorted = { done: [], superseded: [], again: [], refused: [] };
    try {
      await this.#publish(
        rows.filter((row) => !keepsLast(row)),
        sorted,
      );
      await this.#publishLast(rows.filter(keepsLast), sorted);
    } catch (error) {
      // Whatever was published and not marked goes out once more, under the same message id.
      await release(
        database,
        rows.map(({ id }) => id),
        0,
      );
      throw error;
    }
    const now = clock.now();
    await markPublished(database, sorted.done, now);
    for (const [type, ofType] of Map.groupBy(sorted.superseded, (row) => row.type))
      await markSuperseded(
        database,
        ofType.map(({ id }) => id),
        type,
        now,
      );
    await release(database, sorted.refused, REFUSED_WAIT_MS);
    await release(database, sorted.again, 0);
    published.add(sorted.done.length);
    if (sorted.again.length > 0)
      throw new Fault('Unavailable', `NATS took ${sorted.done.length} of ${rows.length} events: ${this.#lastProblem}`);
    // Whatever was committed since has woken the loop.
    return rows.length === this.#batch ? 'more' : 'idle';
  }

  async #publish(rows: readonly ClaimedRow[], sorted: Sorted, expected?: ReadonlyMap<number, number>): Promise<ClaimedRow[]> {
    if (rows.length === 0) return [];
    const outcomes = await this.#options.publisher.publish(rows.map((row) => this.#outgoing(row, expected?.get(row.id))));
    const conflicts: ClaimedRow[] = [];
    rows.forEach((row, index) => {
      const outcome = outcomes[index];
      if (outcome?.ok) sorted.done.push(row.id);
      else if (outcome?.wrongLastSequence) conflicts.push(row);
      else if (outcome?.retry === false) this.#refused(row, outcome.message, sorted);
      else {
        this.#lastProblem = outcome?.message ?? 'no answer';
        sorted.again.push(row.id);
      }
    });
    return conflicts;
  }

  #refused(row: ClaimedRow, message: string, sorted: Sorted): void {
    const { event_id: eventId, subject } = row;
    this.#options.logger.error(
      { eventId, subject },
      `event refused by NATS: ${message}; trying again in ${REFUSED_WAIT_MS / 1000} s`,
    );
    sorted.refused.push(row.id);
  }

  /** Only the newest revision of each subject goes out, and only onto an older one: it can never be overtaken by what it replaces. */
  async #publishLast(rows: readonly ClaimedRow[], sorted: Sorted): Promise<void> {
    const newest = new Map<string, ClaimedRow>();
    for (const row of rows) if (revision(row) >= revision(newest.get(row.subject))) newest.set(row.subject, row);
    for (const row of rows) if (newest.get(row.subject) !== row) sorted.superseded.push(row);
    let open = [...newest.values()];
    for (let attempt = 1; open.length > 0 && attempt <= LAST_TRIES; attempt++) {
      const expected = await this.#expectations(open, sorted);
      // Somebody published on the subject after we looked: look again.
      open = await this.#publish(
        open.filter(({ id }) => expected.has(id)),
        sorted,
        expected,
      );
    }
    if (open.length > 0) this.#lastProblem = 'others published on the same subjects';
    sorted.again.push(...open.map(({ id }) => id));
  }

  async #expectations(rows: readonly ClaimedRow[], sorted: Sorted): Promise<Map<number, number>> {
    const expected = new Map<number, number>();
    for (let from = 0; from < rows.length; from += LAST_READS_AT_ONCE)
      await Promise.all(
        rows.slice(from, from + LAST_READS_AT_ONCE).map(async (row) => {
          const own = { eventId: row.event_id, revision: revision(row), emission: row.emission };
          const decision = decideLast(own, await this.#lastRevision(row));
          if (decision.do === 'publish') expected.set(row.id, decision.expectLastSubjectSequence);
          else if (decision.superseded) sorted.superseded.push(row);
          else sorted.done.push(row.id);
        }),
      );
    return expected;
  }

  async #lastRevision({ type, subject }: ClaimedRow): Promise<LastRevision | undefined> {
    const last = await this.#options.publisher.lastOf(KEEPS_LAST[type]!, subject);
    return last && { sequence: last.sequence, eventId: last.eventId, revision: (last.body as { revision: number }).revision };
  }

  #outgoing(row: ClaimedRow, expectLastSubjectSequence: number | undefined): OutgoingEvent {
    return {
      eventId: row.event_id,
      emission: row.emission,
      type: row.type,
      subject: row.subject,
      producer: this.#options.producer,
      time: row.created_at,
      bucket: row.bucket,
      traceparent: row.traceparent,
      body: row.body,
      ...(expectLastSubjectSequence !== undefined && { expectLastSubjectSequence }),
    };
  }
}

const revision = (row: ClaimedRow | undefined): number => row?.revision ?? 0;
