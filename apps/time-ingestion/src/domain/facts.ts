import type { Approval, DecimalString, Instant, TimeEntryContent, WorkDate } from '@tieout/model';
import type { ValidationRules } from '@tieout/policy';
import type { Assessment } from './assessment.js';
import type { MasterView, Resolved } from './master-view.js';
import type { Override } from './override.js';

/** An approved version, and what else of the worker's day it must be seen with. */
export interface AssessmentSubject {
  readonly content: TimeEntryContent;
  readonly approval: Approval;
  /** True once the entry was released before: a change to it is a correction. */
  readonly correction: boolean;
  /** Since when this version waits for keys that nobody knows yet. */
  readonly versionReceivedAt: Instant;
  readonly day: DayContext;
  /** The posting date with which this very version was released: a period that closes later does not move what stands. */
  readonly releasedPostingDate?: WorkDate | undefined;
  readonly override?: Override | undefined;
}

/** The worker's other approved entries of the same work date. */
export interface DayContext {
  readonly otherHours: DecimalString;
  readonly intervals: readonly { readonly startedAt: Instant; readonly endedAt: Instant }[];
}

export const NO_OTHERS: DayContext = { otherHours: '0', intervals: [] };

/** What every rule of the assessment may look at. */
export interface Facts {
  readonly subject: AssessmentSubject;
  readonly master: MasterView;
  readonly run: Assessment;
  readonly validation: ValidationRules;
  readonly worker: Resolved<'worker'> | undefined;
  readonly project: Resolved<'project'> | undefined;
  readonly legalEntityId: string;
  /** The project's legal entity, where it also keeps a line of this hour: intercompany time that policy books on both sides. */
  readonly otherBooks: string | undefined;
  readonly zone: string;
  /** The date by which policy has codes of projects and tasks resolved. */
  readonly codeDate: WorkDate;
}
