import type { Instant, WorkDate } from '@tieout/model';

/** What a source sent, as sent, and the same flattened so that policy can map it. */
export interface SourceTimeRecord {
  readonly sourceId: string;
  /** The source's clock; decides which of two copies is newer. Absent where the source has none. */
  readonly sourceUpdatedAt?: Instant | undefined;
  /** The source's own revision number, where it has one; beats `sourceUpdatedAt`. */
  readonly sourceRevision?: number | undefined;
  /** As received. */
  readonly payload: unknown;
  /** The payload in the source's own words, flat: "user.employeeNumber" -> "E1001". Policy mappings name these. */
  readonly fields: Readonly<Record<string, string>>;
  /** The source says that the record no longer exists (change feeds with tombstones). */
  readonly deleted?: boolean | undefined;
}

/** A record that could not be read. The rest of the page goes on. */
export interface MalformedTimeRecord {
  /** Stable for the same bad record: source id, or "file.csv:17". */
  readonly recordKey: string;
  /** Place for a person: "file.csv, row 17, column hours". */
  readonly where: string;
  /** What is wrong and what is expected. Never a name or e-mail address. */
  readonly why: string;
  readonly payload: unknown;
}

/** Opaque to the engine, stored as JSON. */
export type Cursor = Readonly<Record<string, unknown>>;

export interface TimePage {
  readonly records: readonly SourceTimeRecord[];
  readonly malformed: readonly MalformedTimeRecord[];
  /** Record keys other than source ids that could be read this time, such as a file or a row of it: earlier refusals of them are over. */
  readonly readWell?: readonly string[] | undefined;
  /** Continue from here; stored only after the page is stored. */
  readonly next: Cursor;
  /** False: caught up; poll again later from `next`. */
  readonly more: boolean;
}

export interface SweepWindow {
  readonly from: WorkDate;
  readonly to: WorkDate;
}

export interface KeyPage {
  readonly keys: readonly string[];
  /** How many keys the source says the whole window has, where it says. The completeness guard compares. */
  readonly total?: number | undefined;
  readonly next: Cursor;
  readonly more: boolean;
}

/**
 * (cursor) -> page, next cursor, more. The engine loops, stores and retries; a source only reads.
 * @throws Fault RateLimited, Unavailable, CredentialsRejected, ContractBroken
 */
export interface TimeSource {
  /** Fails with CredentialsRejected unless the credentials really are accepted: some sources answer a wrong key with an empty list. */
  verifyAccess(): Promise<void>;
  fetchPage(cursor: Cursor | null): Promise<TimePage>;
  /** Fetches single records that a webhook hinted at. Records that no longer exist come back as `deleted`. Absent: the hint just starts a poll. */
  fetchRecords?(sourceIds: readonly string[]): Promise<Pick<TimePage, 'records' | 'malformed'>>;
  /** All keys that exist now with a work date in the window: how deletions are found. Absent: the source has a deletion feed or cannot delete. */
  listKeys?(window: SweepWindow, cursor: Cursor | null): Promise<KeyPage>;
}

export interface WebhookHint {
  /** Dedupe key of the delivery. */
  readonly deliveryId: string;
  readonly sourceIds: readonly string[];
}

export interface WebhookReceiver {
  /** Verifies the signature over the raw body. @returns undefined when the signature does not match. @throws Fault ContractBroken when the body cannot be read. */
  verify(rawBody: Buffer, headers: Readonly<Record<string, string | undefined>>): WebhookHint | undefined;
}
