import { readPages, type SourceTimeRecord, type SweepWindow, type TimeSource } from '@tieout/connector-kit';
import { addDays, dateIn, Fault } from '@tieout/model';
import type { OpenConnection, ServiceRuntime } from '@tieout/service-kit';
import { ATTR, currentTraceparent, inSpan } from '@tieout/telemetry';
import { knownKeys } from '../adapters/postgres/entry.store.js';
import { putSwept, readCursor } from '../adapters/postgres/source.store.js';
import { judgeSweep, type SweepReading } from '../domain/key-sweep.js';
import type { IngestPage } from './ingest-page.js';

/** Time may be recorded ahead of today: holidays, shifts. */
const AHEAD_DAYS = 31;

/** Finds deletions: compares the keys that exist at the source with the ones we hold. */
export class SweepKeys {
  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly connection: OpenConnection,
    private readonly source: TimeSource,
    private readonly ingest: IngestPage,
  ) {}

  async runWhenDue(renew: () => Promise<boolean>): Promise<void> {
    const { id, sweepEverySeconds } = this.connection.declaration;
    if (this.source.listKeys === undefined) return;
    const { sweptAt } = await readCursor(this.runtime.database, id);
    if (sweptAt !== null && this.runtime.clock.epochMs() < Date.parse(sweptAt) + sweepEverySeconds * 1000) return;
    await inSpan(`sweep keys ${id}`, { parent: null, kind: 'client', attributes: { [ATTR.connection]: id } }, () =>
      this.#sweep(renew),
    );
  }

  async #sweep(renew: () => Promise<boolean>): Promise<void> {
    const { database, clock } = this.runtime;
    const { id, windowDays, massDeletionLimit } = this.connection.declaration;
    const today = dateIn(clock.now(), 'UTC');
    const window = { from: addDays(today, -windowDays), to: addDays(today, AHEAD_DAYS) };
    const startedAt = clock.now();
    const known = await knownKeys(database, id, window, startedAt);
    const missing = await this.#missing(
      known.map((key) => key.sourceId),
      window,
      massDeletionLimit,
    );
    // Paging by offset can skip a record while others come and go: only what is missing twice is gone.
    const gone = missing.length === 0 ? [] : await this.#missing(missing, window, { share: 1, count: Infinity });
    if (!(await renew())) return;
    if (gone.length > 0) {
      const records: readonly SourceTimeRecord[] = gone.map((sourceId) => ({
        sourceId,
        payload: { deletedAtSource: true, noticedAt: startedAt },
        fields: {},
        deleted: true,
      }));
      await this.ingest.run({
        connection: id,
        records,
        malformed: [],
        fetchStartedMs: Date.parse(startedAt),
        pageTrace: currentTraceparent(),
      });
    }
    await putSwept(database, id, startedAt);
  }

  async #missing(
    known: readonly string[],
    window: SweepWindow,
    limit: { share: number; count: number },
  ): Promise<readonly string[]> {
    let verdict = judgeSweep(known, await this.#read(window), limit);
    // Records that come and go between two pages look like half a list: read once more before it is called one.
    if (verdict.kind === 'incomplete') verdict = judgeSweep(known, await this.#read(window), limit);
    if (verdict.kind === 'incomplete')
      throw new Fault(
        'ContractBroken',
        `key sweep of ${this.connection.declaration.id}: ${verdict.why}; nothing was taken as deleted`,
      );
    return verdict.missing;
  }

  async #read(window: SweepWindow): Promise<SweepReading> {
    const keys = new Set<string>();
    let total: number | undefined;
    for await (const page of readPages((cursor) => this.source.listKeys!(window, cursor))) {
      for (const key of page.keys) keys.add(key);
      total = page.total ?? total;
    }
    return { keys, total };
  }
}
