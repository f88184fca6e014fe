import type { MasterKind, TimelineSegment } from '@tieout/model';
import type { Cursor } from './time-source.js';

/** One object as its source sees it, in canonical attributes of `@tieout/model` MasterAttributes. */
export interface SourceMasterRecord {
  readonly kind: MasterKind;
  readonly externalId: string;
  /** The firm's natural key; objects of several systems meet on it. */
  readonly code: string;
  /** The whole history the source knows. A source without effective dating gives one segment from ALWAYS. */
  readonly timeline: readonly TimelineSegment[];
}

export interface MalformedMasterRecord {
  readonly kind: MasterKind;
  readonly externalId: string;
  readonly why: string;
}

export interface MasterPage {
  readonly records: readonly SourceMasterRecord[];
  readonly malformed: readonly MalformedMasterRecord[];
  readonly next: Cursor;
  readonly more: boolean;
}

/**
 * Reads all objects of a kind, page by page: a complete snapshot each time. The engine compares with the last one.
 * @throws Fault RateLimited, Unavailable, CredentialsRejected, ContractBroken
 */
export interface MasterDataSource {
  readonly kinds: readonly MasterKind[];
  verifyAccess(): Promise<void>;
  fetchPage(kind: MasterKind, cursor: Cursor | null): Promise<MasterPage>;
}
