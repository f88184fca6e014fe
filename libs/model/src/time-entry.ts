import { contentHash } from './canonical-json.js';
import type { DecimalString } from './decimal.js';
import type { ConnectionId, EntryId } from './ids.js';
import type { Instant, WorkDate } from './times.js';

/** Who approved, when, at which level. */
export interface Approval {
  /** Pseudonymous key of the approver (worker code), where the source says. */
  readonly by?: string | undefined;
  readonly at?: Instant | undefined;
  readonly level?: string | undefined;
}

/** Canonical content of a time entry, as mapped from one source record. Keys are codes, not yet resolved. */
export interface TimeEntryContent {
  readonly workerCode: string;
  readonly projectCode: string;
  readonly taskCode?: string | undefined;
  readonly activity?: string | undefined;
  /** Canonical pay code, from the activity mapping; absent when the activity has none. */
  readonly payCode?: string | undefined;
  readonly workDate: WorkDate;
  /** Hours with the source's precision; may be negative only where policy says so. */
  readonly hours: DecimalString;
  readonly startedAt?: Instant | undefined;
  readonly endedAt?: Instant | undefined;
  readonly billable?: boolean | undefined;
}

export interface TimeEntry {
  readonly entryId: EntryId;
  readonly connection: ConnectionId;
  readonly sourceId: string;
  /** What the source's clock said of its last change. Absent where it has none. */
  readonly sourceUpdatedAt?: Instant | undefined;
  readonly content: TimeEntryContent;
  /** Present: this content is approved. */
  readonly approval?: Approval | undefined;
}

/** Hash of what makes a version: content and approval. Same hash, no new version. */
export const versionHash = (entry: Pick<TimeEntry, 'content' | 'approval'>): string =>
  contentHash([entry.content, entry.approval ?? null]);
