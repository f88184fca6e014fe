import type { Cursor, MalformedTimeRecord, SourceTimeRecord } from '@tieout/connector-kit';
import { EVENT_TYPES } from '@tieout/contracts';
import { entryIdOf, versionHash, type Instant, type TimeEntryContent } from '@tieout/model';
import { appendAudit, appendOutbox, notify, type NewEvent, type Tx } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { ATTR, recordSpan } from '@tieout/telemetry';
import { ASSESS_CHANNEL, lockEntries, markDays, putVersions, type NewVersion } from '../adapters/postgres/entry.store.js';
import type { TimeEntryRow } from '../adapters/postgres/entry.table.js';
import { mendRefused, putCursor, putRefused, putSourceRecords } from '../adapters/postgres/source.store.js';
import { compareCopy, isOlder } from '../domain/versions.js';

export interface PageToIngest {
  readonly connection: string;
  readonly records: readonly SourceTimeRecord[];
  readonly malformed: readonly MalformedTimeRecord[];
  readonly readWell?: readonly string[] | undefined;
  /** Stored with the page; absent for single fetches, which move no cursor. */
  readonly cursor?: { readonly next: Cursor; readonly caughtUp: boolean };
  /** When the fetch began, for the trace of each hour. */
  readonly fetchStartedMs: number;
  /** Traceparent of the page's own span. */
  readonly pageTrace?: string | undefined;
}

export interface IngestOutcome {
  readonly newVersions: number;
  readonly stale: number;
  readonly refused: number;
}

type Mapped = {
  readonly record: SourceTimeRecord;
  readonly entryId: string;
  readonly content: TimeEntryContent;
  readonly approval: NewVersion['approval'];
};

/** Keeps a page as sent, maps it, gives changed entries a new version, and moves the cursor: one transaction. */
export class IngestPage {
  constructor(private readonly runtime: ServiceRuntime) {}

  run(page: PageToIngest): Promise<IngestOutcome> {
    return this.runtime.database.transaction((tx) => this.#ingest(tx, page));
  }

  async #ingest(tx: Tx, page: PageToIngest): Promise<IngestOutcome> {
    const now = this.runtime.clock.now();
    const { mapped, deleted, refused } = this.#map(page);
    await putSourceRecords(tx, page.connection, page.records, now);
    const known = new Map(
      (
        await lockEntries(
          tx,
          [...mapped, ...deleted].map((m) => m.entryId),
        )
      ).map((row) => [row.entry_id, row]),
    );
    const { versions, stale } = this.#versions(page, mapped, deleted, known);
    await putVersions(tx, versions, now);
    await markDays(
      tx,
      versions.flatMap((v) => daysOf(v, known.get(v.entryId))),
      versions.map((v) => v.entryId),
    );
    // A refused record that the source deleted is no longer anybody's trouble either.
    const readable = [...mapped, ...deleted].map((m) => m.record.sourceId);
    const events = await this.#refusals(tx, page, readable, refused, now);
    await appendOutbox(tx, 'time', events, now);
    await appendAudit(
      tx,
      versions.map((v) => this.#auditRow(v, known.get(v.entryId))),
      now,
    );
    if (page.cursor) await putCursor(tx, page.connection, page.cursor.next, page.cursor.caughtUp ? now : null);
    if (versions.length > 0) await notify(tx, ASSESS_CHANNEL);
    return { newVersions: versions.length, stale, refused: refused.length };
  }

  #map(page: PageToIngest): {
    mapped: Mapped[];
    deleted: { record: SourceTimeRecord; entryId: string }[];
    refused: MalformedTimeRecord[];
  } {
    const policy = this.runtime.policy.current();
    const mapped: Mapped[] = [];
    const deleted: { record: SourceTimeRecord; entryId: string }[] = [];
    const refused = [...page.malformed];
    for (const [entryId, record] of newestCopies(page)) {
      if (record.deleted === true) {
        deleted.push({ record, entryId });
        continue;
      }
      const result = policy.mapTime(page.connection, record.fields);
      if (result.ok) mapped.push({ record, entryId, content: result.content, approval: result.approval ?? null });
      else refused.push({ recordKey: record.sourceId, where: result.where, why: result.why, payload: record.payload });
    }
    return { mapped, deleted, refused };
  }

  #versions(
    page: PageToIngest,
    mapped: readonly Mapped[],
    deleted: readonly { record: SourceTimeRecord; entryId: string }[],
    known: ReadonlyMap<string, TimeEntryRow>,
  ) {
    const versions: NewVersion[] = [];
    let stale = 0;
    const consider = (
      record: SourceTimeRecord,
      entryId: string,
      content: TimeEntryContent,
      approval: NewVersion['approval'],
      isDeleted: boolean,
    ) => {
      const row = known.get(entryId);
      const hash = versionHash({ content, approval: approval ?? undefined });
      const incoming = {
        versionHash: hash,
        sourceUpdatedAt: record.sourceUpdatedAt ?? null,
        sourceRevision: record.sourceRevision ?? null,
        deleted: isDeleted,
      };
      const copy = compareCopy(row && knownVersion(row), incoming);
      if (copy === 'stale') stale++;
      if (copy !== 'new-version') return;
      versions.push({
        entryId,
        connection: page.connection,
        sourceId: record.sourceId,
        versionNo: (row?.version_no ?? 0) + 1,
        ...incoming,
        content,
        approval,
        traceparent: this.#trace(page, entryId, content),
      });
    };
    for (const { record, entryId, content, approval } of mapped) consider(record, entryId, content, approval, false);
    for (const { record, entryId } of deleted) {
      const row = known.get(entryId);
      if (row !== undefined) consider(record, entryId, row.content, null, true);
    }
    return { versions, stale };
  }

  /** The first span of the hour's own trace; the page that brought it is linked. */
  #trace(page: PageToIngest, entryId: string, content: TimeEntryContent): string | null {
    return (
      recordSpan('fetch time entry', {
        parent: null,
        kind: 'client',
        startMs: page.fetchStartedMs,
        endMs: this.runtime.clock.epochMs(),
        links: [page.pageTrace],
        attributes: {
          [ATTR.entryId]: entryId,
          [ATTR.connection]: page.connection,
          [ATTR.workerKey]: content.workerCode,
          [ATTR.project]: content.projectCode,
        },
      }) ?? null
    );
  }

  async #refusals(
    tx: Tx,
    page: PageToIngest,
    readable: readonly string[],
    refused: readonly MalformedTimeRecord[],
    now: Instant,
  ): Promise<NewEvent[]> {
    const { connection } = page;
    const fresh = await putRefused(tx, connection, refused, now);
    const mended = await mendRefused(tx, connection, [...readable, ...(page.readWell ?? [])], now);
    return [
      ...fresh.map((row): NewEvent => ({
        type: EVENT_TYPES.recordRefused,
        scope: [connection],
        body: { connection, recordKey: row.record_key, where: row.where_, why: row.why, receivedAt: now },
      })),
      ...mended.map((recordKey): NewEvent => ({
        type: EVENT_TYPES.recordMended,
        scope: [connection],
        body: { connection, recordKey, mendedAt: now },
      })),
    ];
  }

  #auditRow(version: NewVersion, before: TimeEntryRow | undefined) {
    return {
      actor: `service:${this.runtime.name}`,
      action: version.deleted ? 'entry.deleted-at-source' : 'entry.version-recorded',
      subjectKind: 'time-entry',
      subjectId: version.entryId,
      legalEntityId: before?.legal_entity_id ?? 'UNASSIGNED',
      ...(before && { before: { versionNo: before.version_no, versionHash: before.version_hash } }),
      after: { versionNo: version.versionNo, versionHash: version.versionHash, approved: version.approval !== null },
      policyDigest: this.runtime.policy.current().digest,
      ...(version.traceparent !== null && { traceparent: version.traceparent }),
    };
  }
}

/** A page may hold an entry twice (overlap, change feeds): the newer copy counts, and among equals the later one. */
const newestCopies = (page: PageToIngest): ReadonlyMap<string, SourceTimeRecord> => {
  const newest = new Map<string, SourceTimeRecord>();
  for (const record of page.records) {
    const entryId = entryIdOf(page.connection, record.sourceId);
    const other = newest.get(entryId);
    if (other === undefined || !isOlder(record, other)) newest.set(entryId, record);
  }
  return newest;
};

const knownVersion = (row: TimeEntryRow) => ({
  versionHash: row.version_hash,
  sourceUpdatedAt: row.source_updated_at,
  sourceRevision: row.source_revision,
  deleted: row.deleted,
});

const daysOf = (version: NewVersion, before: TimeEntryRow | undefined) => {
  const days = [version.content, ...(before ? [before.content] : [])];
  return days.map(({ workerCode, workDate }) => ({ workerCode, workDate }));
};
