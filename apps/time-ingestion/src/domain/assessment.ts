import { dateIn, type ConnectionId, type Instant, type WorkDate } from '@tieout/model';
import { postingPeriodFor, type CompiledPolicy, type PostingPeriodAnswer, type ValidationRules } from '@tieout/policy';
import type { AssessmentSubject } from './facts.js';
import type { MasterView } from './master-view.js';

/** A legal entity's books, and the region that they are kept in. */
export interface Books {
  readonly legalEntityId: string;
  readonly region: string | undefined;
}

type Period = PostingPeriodAnswer & { readonly postingDate: WorkDate };
/** By legal entity and region. */
type PeriodsByDate = Map<string, Map<string | undefined, Map<WorkDate, Period>>>;

/**
 * What is the same for all entries of one batch: the bundle, the instant, and every answer of policy that does not depend on the entry
 * alone. Each is found once; a month-end has a million entries in three legal entities.
 */
export class Assessment {
  readonly nowMs: number;
  readonly #today = new Map<string, WorkDate>();
  readonly #places = new Map<string | undefined, Map<string | undefined, ValidationRules>>();
  readonly #routes = new Map<string, readonly ConnectionId[]>();
  readonly #hasErp = new Map<string, boolean>();
  readonly #originals: PeriodsByDate = new Map();
  readonly #corrections: PeriodsByDate = new Map();

  constructor(
    readonly policy: CompiledPolicy,
    readonly now: Instant,
  ) {
    this.nowMs = Date.parse(now);
  }

  today(zone: string): WorkDate {
    let today = this.#today.get(zone);
    if (today === undefined) this.#today.set(zone, (today = dateIn(this.now, zone)));
    return today;
  }

  validation(legalEntityId: string | undefined, region: string | undefined): ValidationRules {
    let regions = this.#places.get(legalEntityId);
    if (regions === undefined) this.#places.set(legalEntityId, (regions = new Map()));
    let rules = regions.get(region);
    if (rules === undefined) regions.set(region, (rules = this.policy.validationFor({ legalEntityId, region })));
    return rules;
  }

  /** Every destination of the legal entity's time, and the ERP of the other one where that has a line too. */
  routes(legalEntityId: string, other: string | undefined): readonly ConnectionId[] {
    const key = other === undefined ? legalEntityId : `${legalEntityId}|${other}`;
    let routes = this.#routes.get(key);
    if (routes === undefined) {
      const { policy } = this;
      const elsewhere = other === undefined ? [] : policy.feedRoutes('posting', other);
      this.#routes.set(key, (routes = [...new Set([...policy.routes(legalEntityId), ...elsewhere])]));
    }
    return routes;
  }

  hasErp(legalEntityId: string): boolean {
    let has = this.#hasErp.get(legalEntityId);
    if (has === undefined) this.#hasErp.set(legalEntityId, (has = this.policy.feedRoutes('posting', legalEntityId).length > 0));
    return has;
  }

  /** Where an hour is booked in these books. `master` is the same data for all entries of the batch. */
  period(master: MasterView, books: Books, { content: { workDate }, correction }: AssessmentSubject): Period {
    const { legalEntityId, region } = books;
    const periods = master.periods(legalEntityId);
    const entities = correction ? this.#corrections : this.#originals;
    let regions = entities.get(legalEntityId);
    if (regions === undefined) entities.set(legalEntityId, (regions = new Map()));
    let dates = regions.get(region);
    if (dates === undefined) regions.set(region, (dates = new Map()));
    let found = dates.get(workDate);
    if (found === undefined) {
      const calendar = this.policy.calendarFor(books);
      const answer = postingPeriodFor({ periods, workDate, correction, calendar });
      dates.set(workDate, (found = { ...answer, postingDate: postingDateOf(answer, workDate) }));
    }
    return found;
  }
}

/**
 * The date under which the ERP books the hour: its own where its period takes it, else the first day of the one that does. Where none
 * does, the entry is held, and its own date is as good as any.
 */
const postingDateOf = (answer: PostingPeriodAnswer, workDate: WorkDate): WorkDate => {
  const start = answer.kind === 'period' ? answer.period.startDate : undefined;
  return start !== undefined && start > workDate ? start : workDate;
};
