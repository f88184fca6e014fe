import type { TimeSource } from '@tieout/connector-kit';
import { isFault } from '@tieout/model';
import type { OpenConnection, ServiceRuntime } from '@tieout/service-kit';
import { ATTR, currentTraceparent, inSpan } from '@tieout/telemetry';
import { readCursor, takeHints, waitingHints } from '../adapters/postgres/source.store.js';
import type { ConnectionFaults } from './connection-faults.js';
import type { IngestPage } from './ingest-page.js';

import type { SweepKeys } from './sweep-keys.js';

/** Renewed while a turn lasts, however slow the source; a replica that dies is replaced after this long. */
const LEASE_MS = 15_000;
const HINTS_AT_ONCE = 200;
/** Pages per turn: then other work of the loop (hints) gets its chance. */
const PAGES_PER_TURN = 50;

/** One turn at one connection: hints first, then pages from the stored cursor, then the key sweep when it is due. One replica at a time. */
export class PollConnection {
  #nextPollMs = 0;
  /** Until then a source that failed, or asked us to wait, is left alone: hints wait as well. */
  #restUntilMs = 0;

  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly connection: OpenConnection,
    private readonly source: TimeSource,
    private readonly ingest: IngestPage,
    private readonly parts: { readonly sweep: SweepKeys; readonly faults: ConnectionFaults },
  ) {}

  get #id(): string {
    return this.connection.declaration.id;
  }

  async run(): Promise<'more' | 'idle'> {
    const { leases, instanceId, clock } = this.runtime;
    if (clock.epochMs() < this.#restUntilMs) return 'idle';
    const lease = `poll:${this.#id}`;
    if ((await leases.tryAcquire(lease, instanceId, LEASE_MS)) === undefined) return 'idle';
    const heartbeat = setInterval(() => void leases.renew(lease, instanceId, LEASE_MS).catch(() => undefined), LEASE_MS / 3);
    try {
      const hinted = await this.#takeHints();
      if (clock.epochMs() < this.#nextPollMs && !hinted) return 'idle';
      const more = await this.#pull(() => leases.renew(lease, instanceId, LEASE_MS));
      if (more) return 'more';
      await this.parts.sweep.runWhenDue(() => leases.renew(lease, instanceId, LEASE_MS));
      await this.parts.faults.cleared(this.#id);
      this.#nextPollMs = clock.epochMs() + this.connection.declaration.pollEverySeconds * 1000;
      return 'idle';
    } catch (error) {
      if (!isFault(error)) throw error;
      await this.parts.faults.raised(this.#id, error);
      this.#restUntilMs = clock.epochMs() + (error.retryAfterMs ?? this.connection.declaration.pollEverySeconds * 1000);
      return 'idle';
    } finally {
      clearInterval(heartbeat);
      await leases.release(lease, instanceId);
    }
  }

  /** A hint says where to look, never what is there. @returns true when the source can only be polled for it. */
  async #takeHints(): Promise<boolean> {
    const { database, clock } = this.runtime;
    const hints = await waitingHints(database, this.#id, HINTS_AT_ONCE);
    if (hints.length === 0) return false;
    const ids = [...new Set(hints.flatMap((hint) => hint.source_ids))];
    const byId = this.source.fetchRecords?.bind(this.source);
    if (byId !== undefined && ids.length > 0) {
      await inSpan(
        `fetch hinted records ${this.#id}`,
        { parent: null, kind: 'client', attributes: { [ATTR.connection]: this.#id } },
        async () => {
          const fetchStartedMs = clock.epochMs();
          const records = await byId(ids);
          await this.ingest.run({ connection: this.#id, ...records, fetchStartedMs, pageTrace: currentTraceparent() });
        },
      );
    }
    await takeHints(
      database,
      this.#id,
      hints.map((hint) => hint.delivery_id),
      clock.now(),
    );
    return byId === undefined;
  }

  async #pull(renew: () => Promise<boolean>): Promise<boolean> {
    const { clock, database } = this.runtime;
    await this.source.verifyAccess();
    let { cursor } = await readCursor(database, this.#id);
    for (let turn = 0; turn < PAGES_PER_TURN; turn++) {
      const page = await inSpan(
        `fetch page ${this.#id}`,
        { parent: null, kind: 'client', attributes: { [ATTR.connection]: this.#id } },
        async () => {
          const fetchStartedMs = clock.epochMs();
          const read = await this.source.fetchPage(cursor);
          await this.ingest.run({
            connection: this.#id,
            records: read.records,
            malformed: read.malformed,
            readWell: read.readWell,
            cursor: { next: read.next, caughtUp: !read.more },
            fetchStartedMs,
            pageTrace: currentTraceparent(),
          });
          return read;
        },
      );
      if (!page.more) return false;
      cursor = page.next;
      // Another replica has taken over: it goes on from the stored cursor.
      if (!(await renew())) return false;
    }
    return true;
  }
}
