import type { DecimalString, Money } from './decimal.js';
import type { ConnectionId, EntryId } from './ids.js';
import type { Instant, WorkDate } from './times.js';

/** An amount with the rate it came from. */
export interface RatedAmount extends Money {
  readonly rateId: string;
  readonly rate: DecimalString;
  /** Present when the rate's currency is not the amount's. */
  readonly exchangeRateId?: string | undefined;
}

/** What policy let through: resolved dimensions, amounts and routes of one release of an entry. */
export interface ReleasedContent {
  readonly workerId: string;
  readonly workerCode: string;
  readonly workerType: 'employee' | 'contractor';
  readonly legalEntityId: string;
  readonly projectId: string;
  readonly projectCode: string;
  /** Where the project belongs. Another than `legalEntityId`: the hour is intercompany. Absent: the project names none. */
  readonly projectLegalEntityId?: string | undefined;
  readonly taskCode?: string | undefined;
  readonly costCentre?: string | undefined;
  readonly payCode?: string | undefined;
  readonly workDate: WorkDate;
  /** Says whether the hour was in time for a cut-off. Absent where the source does not tell. */
  readonly approvedAt?: Instant | undefined;
  readonly hours: DecimalString;
  readonly billable: boolean;
  readonly cost: RatedAmount;
  readonly bill?: RatedAmount | undefined;
  /** Destination connections this release goes to. */
  readonly routes: readonly ConnectionId[];
}

/** The latest word of time-ingestion on an entry. No content: withdrawn, nothing may stand. */
export interface Release {
  readonly entryId: EntryId;
  readonly releaseNo: number;
  readonly legalEntityId: string;
  readonly content: ReleasedContent | null;
}
