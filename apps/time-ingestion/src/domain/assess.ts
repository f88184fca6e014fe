import { UNASSIGNED, type Instant, type RatedAmount, type Refusal, type ReleasedContent, type WorkDate } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import { billOf, costOf } from './amounts.js';
import { Assessment } from './assessment.js';
import { refuseDestinations } from './destinations.js';
import type { AssessmentSubject, Facts } from './facts.js';
import { refuseProject, refuseWorker } from './master-data-refusals.js';
import type { MasterView } from './master-view.js';
import { waive, type AppliedOverride } from './override.js';
import { refuseApproval, refuseTime } from './time-refusals.js';

export type Verdict = {
  /** Keys whose change can change the verdict. */
  readonly dependsOn: readonly string[];
  readonly legalEntityId: string;
} & (
  | {
      readonly kind: 'released';
      readonly content: ReleasedContent;
      /** Code of the accounting period that takes it, as things are now. */
      readonly period: string;
      readonly postingDate: WorkDate;
      readonly override: AppliedOverride | undefined;
    }
  | {
      readonly kind: 'held';
      readonly refusals: readonly Refusal[];
      readonly cost: RatedAmount | undefined;
      readonly override: AppliedOverride | undefined;
      readonly reassessAt: Instant | undefined;
    }
  /** A key is unknown, and the grace time for it to arrive has not passed. */
  | { readonly kind: 'waiting'; readonly until: Instant }
);

const UNKNOWN_KEYS: ReadonlySet<string> = new Set(['UNKNOWN_WORKER', 'UNKNOWN_PROJECT', 'UNKNOWN_TASK']);
const HOUR_MS = 3_600_000;

/** Policy's verdict on one approved version: released, or held with every refusal. Pure. */
export const assess = (subject: AssessmentSubject, master: MasterView, policy: CompiledPolicy, now: Instant): Verdict =>
  assessIn(new Assessment(policy, now), subject, master);

/** The same for many entries on the same master data: what they have in common is found once. */
export const assessIn = (run: Assessment, subject: AssessmentSubject, master: MasterView): Verdict => {
  const { content } = subject;
  const { workerCode, projectCode, workDate, hours } = content;
  const { rates } = run.policy;
  const worker = master.on('worker', workerCode, workDate);
  const legalEntityId = worker?.attributes.legalEntity ?? UNASSIGNED;
  const legalEntity = legalEntityId === UNASSIGNED ? undefined : master.on('legal-entity', legalEntityId, workDate);
  const period =
    legalEntityId === UNASSIGNED
      ? undefined
      : run.period(master, { legalEntityId, region: legalEntity?.attributes.region }, subject);
  const postingDate = subject.releasedPostingDate ?? period?.postingDate ?? workDate;
  const codeDate = rates.projectCodeDate === 'posting-date' ? postingDate : workDate;
  const project = master.on('project', projectCode, codeDate);
  const region = worker?.attributes.region ?? legalEntity?.attributes.region;
  const validation = run.validation(legalEntityId === UNASSIGNED ? undefined : legalEntityId, region);
  const projectEntity = project?.attributes.legalEntity;
  const isPair = validation.intercompany === 'due-to-due-from' && legalEntityId !== UNASSIGNED && projectEntity !== legalEntityId;
  const facts: Facts = {
    subject,
    master,
    run,
    validation,
    worker,
    project,
    legalEntityId,
    otherBooks: isPair ? projectEntity : undefined,
    zone: worker?.attributes.timeZone ?? legalEntity?.attributes.timeZone ?? 'UTC',
    codeDate,
  };
  const all: Refusal[] = [];
  refuseWorker(facts, all);
  refuseProject(facts, all);
  refuseTime(facts, all);
  refuseApproval(facts, all);
  refuseDestinations(facts, all);
  const currency = rates.amountCurrency === 'legal-entity' ? legalEntity?.attributes.currency : undefined;
  const costDate = rates.costRateDate === 'posting-date' ? postingDate : workDate;
  const cost = worker === undefined ? undefined : costOf(worker.currentCode, { hours, rateDate: costDate, currency }, master);
  if (cost !== undefined && 'reason' in cost) all.push(cost);
  const billable = content.billable ?? project?.attributes.billable === 'true';
  const billDate = rates.billRateDate === 'posting-date' ? postingDate : workDate;
  const bill =
    billable && project !== undefined
      ? billOf(project.currentCode, worker?.currentCode ?? workerCode, { hours, rateDate: billDate, currency: undefined }, master)
      : undefined;

  const { refusals, applied } = waive(all, subject.override, run.policy, run.now);
  if (
    refusals.length > 0 ||
    worker === undefined ||
    project === undefined ||
    cost === undefined ||
    'reason' in cost ||
    period?.kind !== 'period'
  )
    return refused(facts, { refusals, applied, cost: cost !== undefined && 'amount' in cost ? cost : undefined });
  return {
    kind: 'released',
    dependsOn: master.dependsOn,
    legalEntityId,
    period: period.period.code,
    postingDate,
    override: applied,
    content: contentOf(facts, worker, project, { cost, bill, billable }),
  };
};

interface Refused {
  readonly refusals: readonly Refusal[];
  readonly applied: AppliedOverride | undefined;
  readonly cost: RatedAmount | undefined;
}

const refused = ({ subject, master, run, validation, legalEntityId }: Facts, { refusals, applied, cost }: Refused): Verdict => {
  const { dependsOn } = master;
  const graceEnds = Date.parse(subject.versionReceivedAt) + validation.unknownKeyGraceMs;
  if (refusals.some(({ reason }) => UNKNOWN_KEYS.has(reason)) && run.nowMs < graceEnds)
    return { kind: 'waiting', until: new Date(graceEnds).toISOString(), dependsOn, legalEntityId };
  // Nothing in master data will announce that tomorrow has come, or that an override is over.
  const again: number[] = [];
  if (refusals.some(({ reason }) => reason === 'FUTURE_WORK_DATE')) again.push(run.nowMs + HOUR_MS);
  if (applied !== undefined) again.push(Date.parse(applied.validUntil));
  return {
    kind: 'held',
    refusals,
    cost,
    override: applied,
    reassessAt: again.length === 0 ? undefined : new Date(Math.min(...again)).toISOString(),
    dependsOn,
    legalEntityId,
  };
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Amounts {
  readonly cost: RatedAmount;
  readonly bill: RatedAmount | undefined;
  readonly billable: boolean;
}

/** What is absent stays absent: equal content hashes alike. */
const contentOf = (
  { subject: { content, approval }, run, legalEntityId, otherBooks }: Facts,
  worker: NonNullable<Facts['worker']>,
  project: NonNullable<Facts['project']>,
  { cost, bill, billable }: Amounts,
): ReleasedContent => {
  const { type, costCentre } = worker.attributes;
  const { legalEntity } = project.attributes;
  const released: Writable<ReleasedContent> = {
    workerId: worker.id,
    workerCode: worker.code,
    workerType: type ?? 'employee',
    legalEntityId,
    projectId: project.id,
    projectCode: project.code,
    workDate: content.workDate,
    hours: content.hours,
    billable,
    cost,
    routes: run.routes(legalEntityId, otherBooks),
  };
  if (legalEntity !== undefined) released.projectLegalEntityId = legalEntity;
  if (content.taskCode !== undefined) released.taskCode = content.taskCode;
  if (costCentre !== undefined) released.costCentre = costCentre;
  if (content.payCode !== undefined) released.payCode = content.payCode;
  if (approval.at !== undefined) released.approvedAt = approval.at;
  if (bill !== undefined) released.bill = bill;
  return released;
};
