import type { CurrencyCode, DecimalString, Instant, PostingDate, WorkDate } from '@tieout/model';

/** Approved time as the source says now. */
export interface SourceEvidence {
  readonly sourceId: string;
  readonly workDate: WorkDate;
  readonly hours: DecimalString;
  readonly approved: boolean;
  readonly updatedAt?: Instant | undefined;
}

/** A line in the destination's journal that carries our key, or that stands in a journal of ours without one. */
export interface DestinationEvidence {
  /** Posting key written into the line; absent: somebody else's line. */
  readonly reference?: string | undefined;
  readonly documentReference?: string | undefined;
  readonly externalId: string;
  readonly workerCode?: string | undefined;
  readonly projectCode?: string | undefined;
  /** Signed; absent where the destination holds none. */
  readonly hours?: DecimalString | undefined;
  /** Signed, cost side. */
  readonly amount: DecimalString;
  readonly currency: CurrencyCode;
  readonly legalEntityId?: string | undefined;
  readonly postingPeriod: string;
  readonly postingDate: PostingDate;
}

/**
 * Reads what reconciliation compares, without the connector's mapping: an error in a mapping must not hide itself.
 * Both reads are complete or fail with a Fault; half a read is never returned.
 */
export interface ControlReader {
  readSource?(window: { readonly from: WorkDate; readonly to: WorkDate }): Promise<readonly SourceEvidence[]>;
  readDestination?(window: { readonly from: PostingDate; readonly to: PostingDate }): Promise<readonly DestinationEvidence[]>;
}
