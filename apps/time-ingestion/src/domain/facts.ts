import type { Approval, DecimalString, Instant, TimeEntryContent } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import type { MasterView, Resolved } from './master-view.js';

/** An approved version, and what else of the worker's day it must be seen with. */
export interface AssessmentSubject {
  readonly content: TimeEntryContent;
  readonly approval: Approval;
  /** True once the entry was released before: a change to it is a correction. */
  readonly correction: boolean;
  /** Since when this version waits for keys that nobody knows yet. */
  readonly versionReceivedAt: Instant;
  readonly day: DayContext;
}

/** The worker's other approved entries of the same work date. */
export interface DayContext {
  readonly otherHours: DecimalString;
  readonly intervals: readonly { readonly startedAt: Instant; readonly endedAt: Instant }[];
}

/** What every rule of the assessment may look at. */
export interface Facts {
  readonly subject: AssessmentSubject;
  readonly master: MasterView;
  readonly policy: CompiledPolicy;
  readonly now: Instant;
  readonly worker: Resolved<'worker'> | undefined;
  readonly project: Resolved<'project'> | undefined;
  readonly legalEntityId: string;
  readonly region: string | undefined;
  readonly zone: string;
}
