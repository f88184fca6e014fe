import type { Clock } from '@tieout/clock';
import { receiptsSubject, type Context, type ReceiptsAnswerV1, type ReceiptsV1 } from '@tieout/contracts';
import type { Questions } from '@tieout/messaging';
import { counter } from '@tieout/telemetry';
import { randomUUID } from 'node:crypto';
import type { Database } from './database.js';
import { Leases } from './leases.js';
import type { Log } from './log.js';
import { RECEIPT_PAGE } from './receipts.js';
import {
  MUST_RECEIVE_CONSUMERS,
  compareIds,
  compareSums,
  decideMissing,
  lastSettledBucket,
  MAX_RE_EMISSIONS,
  typesFor,
} from './sweep-decisions.js';
import { confirmBuckets, confirmIds, dropFinished, emitAgain, openRows, openSums, type Confirming } from './sweep-store.js';
import { WorkLoop } from './work-loop.js';

export interface CompletenessSweepOptions {
  readonly database: Database;
  readonly questions: Pick<Questions, 'ask'>;
  readonly producer: Context;
  readonly everyMs: number;
  /** How old an event must be before somebody who lacks it is taken to have missed it. */
  readonly settleMs: number;
  readonly clock: Clock;
  readonly logger: Log;
}

export interface SweepResult {
  /** Events that will go out again. */
  readonly reEmitted: number;
  /** Rows that everyone has, or that nobody needs any more, and that are therefore gone from the outbox. */
  readonly matched: number;
}

const ASK_TIMEOUT_MS = 10_000;
/** The contract's limit is 1 000. */
const BUCKETS_PER_QUESTION = 500;
const LEASE = 'completeness-sweep';

const reEmissions = counter('tieout.outbox.re_emitted', 'Events that a consumer lacked and that were emitted again');

/**
 * Makes "at least once" true whatever JetStream loses: asks everyone who must receive an event whether they have, and says it again to
 * those who have not. A consumer that does not answer stays unmatched, and its rows stay; so does what one never takes, however often
 * it is said. One replica sweeps at a time.
 */
export class CompletenessSweep {
  readonly #options: CompletenessSweepOptions;
  readonly #loop: WorkLoop;
  readonly #owner = randomUUID();
  readonly #leases: Leases;
  /** Told once per process, not at each sweep. */
  readonly #givenUp = new Set<string>();

  constructor(options: CompletenessSweepOptions) {
    this.#options = options;
    this.#leases = new Leases(options.database);
    const { database, clock, logger, everyMs, producer } = options;
    this.#loop = new WorkLoop({
      name: `completeness sweep ${producer}`,
      run: () => this.#run(),
      pollMs: everyMs,
      database,
      clock,
      logger,
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Finishes the sweep in progress. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#leases.release(LEASE, this.#owner).catch(() => undefined);
  }

  async sweepOnce(): Promise<SweepResult> {
    const { database, clock, settleMs, logger, producer } = this.#options;
    const lastBucket = lastSettledBucket(clock.epochMs(), settleMs);
    let matched = await dropFinished(database, lastBucket);
    const missing = new Set<string>();
    for (const consumer of MUST_RECEIVE_CONSUMERS) {
      const result = await this.#confirm({ consumer, types: typesFor(consumer), lastBucket });
      matched += result.matched;
      for (const id of result.missing) missing.add(id);
    }
    const reEmitted = await emitAgain(database, [...missing]);
    if (reEmitted > 0) {
      reEmissions.add(reEmitted, { producer });
      logger.warn({ producer, reEmitted }, `${reEmitted} events had not arrived and go out again`);
    }
    return { reEmitted, matched };
  }

  async #run(): Promise<'idle'> {
    // Longer than a sweep: two at once would only emit twice.
    if (await this.#leases.tryAcquire(LEASE, this.#owner, Math.max(this.#options.everyMs * 3, 60_000))) await this.sweepOnce();
    return 'idle';
  }

  async #confirm(who: Confirming): Promise<{ matched: number; missing: string[] }> {
    const { database } = this.#options;
    const expected = await openSums(database, who);
    const missing: string[] = [];
    let matched = 0;
    for (let from = 0; from < expected.length; from += BUCKETS_PER_QUESTION) {
      const asked = expected.slice(from, from + BUCKETS_PER_QUESTION);
      const answer = await this.#ask(who.consumer, { buckets: asked.map(({ bucket }) => bucket), detail: 'sums' });
      if (!answer) break;
      const { same, differing } = compareSums(asked, answer.buckets);
      matched += await confirmBuckets(database, who, same);
      for (const { bucket } of differing) {
        const drilled = await this.#drill(who, bucket);
        if (!drilled) return { matched, missing };
        matched += drilled.matched;
        missing.push(...drilled.missing);
      }
    }
    return { matched, missing };
  }

  /** Goes through one bucket id by id. @returns undefined when the consumer no longer answers. */
  async #drill(who: Confirming, bucket: number): Promise<{ matched: number; missing: string[] } | undefined> {
    const { database, clock, settleMs } = this.#options;
    // Our rows first: what the consumer receives in between counts as received.
    const rows = await openRows(database, who, bucket);
    const answered = await this.#idsOf(who.consumer, bucket);
    if (!answered) return undefined;
    const { present, missing } = compareIds(
      rows.map(({ event_id }) => event_id),
      answered,
    );
    const lacking = new Set(missing);
    const now = clock.epochMs();
    const decided = Map.groupBy(
      rows.filter(({ event_id }) => lacking.has(event_id)),
      (row) => decideMissing(row, now, settleMs),
    );
    this.#tellGivenUp(
      who.consumer,
      (decided.get('give up') ?? []).map(({ event_id }) => event_id),
    );
    return {
      matched: await confirmIds(database, who, bucket, present),
      missing: (decided.get('emit again') ?? []).map(({ event_id }) => event_id),
    };
  }

  #tellGivenUp(consumer: Context, eventIds: readonly string[]): void {
    const news = eventIds.filter((eventId) => !this.#givenUp.has(eventId));
    if (news.length === 0) return;
    for (const eventId of news) this.#givenUp.add(eventId);
    this.#options.logger.error(
      { consumer, count: news.length, eventIds: news.slice(0, 10) },
      `${consumer} has not taken ${news.length} events after ${MAX_RE_EMISSIONS} more emissions; they stay in the outbox: see its dead letters`,
    );
  }

  async #idsOf(consumer: Context, bucket: number): Promise<Set<string> | undefined> {
    const ids = new Set<string>();
    for (let after: string | undefined; ;) {
      const answer = await this.#ask(consumer, { buckets: [bucket], detail: 'ids', ...(after !== undefined && { after }) });
      if (!answer) return undefined;
      const page = answer.buckets.find((each) => each.bucket === bucket)?.ids ?? [];
      for (const id of page) ids.add(id);
      const last = page.at(-1);
      if (page.length < RECEIPT_PAGE || last === undefined) return ids;
      // Who answers the first page again does not know pages: its list is incomplete, and nothing may be concluded from it.
      if (after !== undefined && last <= after) return undefined;
      after = last;
    }
  }

  async #ask(consumer: Context, question: Omit<ReceiptsV1, 'producer'>): Promise<ReceiptsAnswerV1 | undefined> {
    const { questions, producer, logger } = this.#options;
    try {
      return await questions.ask<ReceiptsAnswerV1>(receiptsSubject(consumer), { producer, ...question }, ASK_TIMEOUT_MS);
    } catch (error) {
      logger.info(
        { consumer, reason: (error as Error).message },
        `${consumer} does not say what it received; its events stay in the outbox`,
      );
      return undefined;
    }
  }
}
