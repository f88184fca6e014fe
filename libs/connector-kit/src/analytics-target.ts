import type { MasterKind, WorkDate } from '@tieout/model';
import type { PostingTarget } from './posting-target.js';

/** Master data that a warehouse keeps as dimensions. */
export const DIMENSION_KINDS = [
  'worker',
  'project',
  'task',
  'cost-centre',
  'legal-entity',
] as const satisfies readonly MasterKind[];
export type DimensionKind = (typeof DIMENSION_KINDS)[number];

/** Half-open: valid from `validFrom` until before `validTo`. */
export interface DimensionSegment {
  readonly validFrom: WorkDate;
  readonly validTo: WorkDate;
  /** As in master data, all texts; what the star schema has no column for is left out. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One master object at one revision, always with its whole timeline: a segment that a revision took away must go. */
export interface DimensionRow {
  readonly kind: DimensionKind;
  /** Canonical id of the object. */
  readonly id: string;
  /** The firm's natural key, which facts carry. */
  readonly code: string;
  readonly revision: number;
  /** Ascending, without overlap, at least one. */
  readonly segments: readonly DimensionSegment[];
}

/** A warehouse: documents are loads of facts, and dimensions stand beside them. */
export interface AnalyticsTarget extends PostingTarget {
  /**
   * Replaces an object's segments where the revision is higher than the one that stands; any other row has no effect, so that rows may
   * come repeated and in any order. Each object is replaced whole or not at all; after a fault some may be, and all are sent again.
   * @throws Fault as a writing method of `PostingTarget`.
   */
  upsertDimensions(rows: readonly DimensionRow[]): Promise<void>;
}

export const isAnalyticsTarget = (target: PostingTarget): target is AnalyticsTarget =>
  typeof (target as Partial<AnalyticsTarget>).upsertDimensions === 'function';

/**
 * Rows by kind, kinds always in the order of `DIMENSION_KINDS`: two writers that lock what they write meet in the same order. Kinds
 * without rows are left out.
 */
export const dimensionsByKind = (rows: readonly DimensionRow[]): [DimensionKind, DimensionRow[]][] =>
  DIMENSION_KINDS.map((kind): [DimensionKind, DimensionRow[]] => [kind, rows.filter((row) => row.kind === kind)]).filter(
    ([, ofKind]) => ofKind.length > 0,
  );

/** Loads come with all their lines, so a page of a warehouse's ledger is kept small. */
export const LOADS_PER_PAGE = 50;
