import {
  addDays,
  assignmentCode,
  dateIn,
  decimal,
  durationMs,
  masterKey,
  refusal,
  taskCode,
  UNASSIGNED,
  type Instant,
  type RatedAmount,
  type Refusal,
  type ReleasedContent,
} from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import { billOf, costOf } from './amounts.js';
import { destinationRefusals, routesOf } from './destinations.js';
import type { AssessmentSubject, Facts } from './facts.js';
import type { MasterView, Resolved } from './master-view.js';

export type Verdict = { readonly dependsOn: readonly string[]; readonly legalEntityId: string } & (
  | { readonly kind: 'released'; readonly content: ReleasedContent }
  | {
      readonly kind: 'held';
      readonly refusals: readonly Refusal[];
      readonly cost: RatedAmount | undefined;
      readonly reassessAt: Instant | undefined;
    }
  /** A key is unknown, and the grace time for it to arrive has not passed. */
  | { readonly kind: 'waiting'; readonly until: Instant }
);

const UNKNOWN_KEYS: ReadonlySet<string> = new Set(['UNKNOWN_WORKER', 'UNKNOWN_PROJECT', 'UNKNOWN_TASK']);
const HOUR_MS = 3_600_000;

/** Policy's verdict on one approved version: released, or held with every refusal. Pure. */
export const assess = (subject: AssessmentSubject, master: MasterView, policy: CompiledPolicy, now: Instant): Verdict => {
  const { content } = subject;
  const worker = master.on('worker', content.workerCode, content.workDate);
  const project = master.on('project', content.projectCode, content.workDate);
  const legalEntityId = worker?.attributes.legalEntity ?? UNASSIGNED;
  const legalEntity = legalEntityId === UNASSIGNED ? undefined : master.on('legal-entity', legalEntityId, content.workDate);
  const region = worker?.attributes.region ?? legalEntity?.attributes.region;
  const zone = worker?.attributes.timeZone ?? legalEntity?.attributes.timeZone ?? 'UTC';

  const facts: Facts = { subject, master, policy, now, worker, project, legalEntityId, region, zone };
  const refusals: Refusal[] = [
    ...workerRefusals(facts),
    ...projectRefusals(facts),
    ...timeRefusals(facts),
    ...approvalRefusals(facts),
    ...destinationRefusals(facts),
  ];
  const currency = policy.rates.amountCurrency === 'legal-entity' ? legalEntity?.attributes.currency : undefined;
  const cost =
    worker === undefined
      ? undefined
      : costOf(content.workerCode, { hours: content.hours, workDate: content.workDate, currency }, master);
  if (cost !== undefined && 'reason' in cost) refusals.push(cost);
  const billable = content.billable ?? project?.attributes.billable === 'true';
  const bill =
    billable && project
      ? billOf(content.projectCode, content.workerCode, { hours: content.hours, workDate: content.workDate }, master)
      : undefined;

  const dependsOn = master.dependsOn;
  if (refusals.length > 0 || worker === undefined || project === undefined || cost === undefined || 'reason' in cost) {
    const graceEnds = Date.parse(subject.versionReceivedAt) + durationMs(policy.validation.unknownKeyGrace);
    if (refusals.some(({ reason }) => UNKNOWN_KEYS.has(reason)) && Date.parse(now) < graceEnds)
      return { kind: 'waiting', until: new Date(graceEnds).toISOString(), dependsOn, legalEntityId };
    const future = refusals.some(({ reason }) => reason === 'FUTURE_WORK_DATE');
    return {
      kind: 'held',
      refusals,
      cost: cost !== undefined && 'amount' in cost ? cost : undefined,
      // Nothing in master data will announce that tomorrow has come.
      reassessAt: future ? new Date(Date.parse(now) + HOUR_MS).toISOString() : undefined,
      dependsOn,
      legalEntityId,
    };
  }
  return {
    kind: 'released',
    dependsOn,
    legalEntityId,
    content: {
      workerId: worker.id,
      workerCode: content.workerCode,
      workerType: worker.attributes.type ?? 'employee',
      legalEntityId,
      projectId: project.id,
      projectCode: content.projectCode,
      ...(project.attributes.legalEntity !== undefined && { projectLegalEntityId: project.attributes.legalEntity }),
      ...(content.taskCode !== undefined && { taskCode: content.taskCode }),
      ...(worker.attributes.costCentre !== undefined && { costCentre: worker.attributes.costCentre }),
      ...(content.payCode !== undefined && { payCode: content.payCode }),
      workDate: content.workDate,
      ...(subject.approval.at !== undefined && { approvedAt: subject.approval.at }),
      hours: content.hours,
      billable,
      cost,
      ...(bill !== undefined && { bill }),
      routes: routesOf(facts),
    },
  };
};

function* workerRefusals({ subject: { content }, master, worker }: Facts): Generator<Refusal> {
  const key = masterKey('worker', content.workerCode);
  if (worker === undefined) {
    yield refusal('UNKNOWN_WORKER', key, `worker ${content.workerCode} is not in the system of record`);
    return;
  }
  if (worker.ambiguous) yield refusal('AMBIGUOUS_IDENTITY', key, `more than one record claims worker ${content.workerCode}`);
  const { activeFrom, activeTo, costCentre, legalEntity } = worker.attributes;
  if ((activeFrom !== undefined && content.workDate < activeFrom) || (activeTo !== undefined && content.workDate > activeTo))
    yield refusal(
      'INACTIVE_WORKER',
      key,
      `worker ${content.workerCode} was active ${activeFrom ?? '…'} to ${activeTo ?? '…'}, the work date is ${content.workDate}`,
    );
  if (legalEntity === undefined)
    yield refusal('UNKNOWN_WORKER', key, `worker ${content.workerCode} has no legal entity on ${content.workDate}`);
  if (costCentre !== undefined) {
    const found = master.on('cost-centre', costCentre, content.workDate);
    const ended = found?.attributes.activeTo;
    if (found === undefined || (ended !== undefined && content.workDate > ended))
      yield refusal(
        'UNKNOWN_COST_CENTRE',
        masterKey('cost-centre', costCentre),
        `cost centre ${costCentre} is ${found ? `closed since ${ended}` : 'not known'}`,
      );
  }
}

function* projectRefusals(facts: Facts): Generator<Refusal> {
  const { subject, project, policy, region, legalEntityId } = facts;
  const { content } = subject;
  const key = masterKey('project', content.projectCode);
  if (project === undefined) {
    yield refusal('UNKNOWN_PROJECT', key, `project ${content.projectCode} is not in the system of record`);
    return;
  }
  if (project.ambiguous) yield refusal('AMBIGUOUS_IDENTITY', key, `more than one record claims project ${content.projectCode}`);
  const { activeFrom, activeTo, legalEntity } = project.attributes;
  const grace = policy.validation.projectGraceDays(region);
  if (activeTo !== undefined && content.workDate > addDays(activeTo, grace))
    yield refusal(
      'INACTIVE_PROJECT',
      key,
      `project ${content.projectCode} ended on ${activeTo} (grace ${grace} days), the work date is ${content.workDate}`,
    );
  else if (activeFrom !== undefined && content.workDate < activeFrom)
    yield refusal(
      'INACTIVE_PROJECT',
      key,
      `project ${content.projectCode} starts on ${activeFrom}, the work date is ${content.workDate}`,
    );
  if (
    legalEntity !== undefined &&
    facts.worker !== undefined &&
    legalEntity !== legalEntityId &&
    policy.validation.intercompany === 'hold'
  )
    yield refusal(
      'INTERCOMPANY_NOT_ALLOWED',
      `intercompany:${legalEntityId}/${legalEntity}`,
      `worker of ${legalEntityId} on a project of ${legalEntity}`,
    );
  yield* taskRefusals(facts, project);
}

function* taskRefusals({ subject: { content }, master, policy }: Facts, project: Resolved<'project'>): Generator<Refusal> {
  if (content.taskCode !== undefined) {
    const code = taskCode(content.projectCode, content.taskCode);
    const task = master.on('task', code, content.workDate);
    if (task === undefined)
      yield refusal('UNKNOWN_TASK', masterKey('task', code), `project ${content.projectCode} has no task ${content.taskCode}`);
    else if (task.attributes.activeTo !== undefined && content.workDate > task.attributes.activeTo)
      yield refusal(
        'CLOSED_TASK',
        masterKey('task', code),
        `task ${code} was closed on ${task.attributes.activeTo}, the work date is ${content.workDate}`,
      );
  } else if (policy.validation.requireTask) {
    yield refusal('UNKNOWN_TASK', masterKey('project', content.projectCode), 'the entry names no task, and policy requires one');
  }
  if (project.attributes.assignedOnly !== 'true') return;
  const code = assignmentCode(content.projectCode, content.workerCode);
  const assignment = master.on('assignment', code, content.workDate);
  const { activeFrom, activeTo } = assignment?.attributes ?? {};
  if (
    assignment === undefined ||
    (activeFrom !== undefined && content.workDate < activeFrom) ||
    (activeTo !== undefined && content.workDate > activeTo)
  )
    yield refusal(
      'NOT_ASSIGNED',
      masterKey('assignment', code),
      `worker ${content.workerCode} is not assigned to ${content.projectCode} on ${content.workDate}`,
    );
}

function* timeRefusals({ subject: { content, day }, policy, region, zone, now }: Facts): Generator<Refusal> {
  const { min, max } = policy.validation.hoursPerEntry;
  const hours = decimal(content.hours);
  const dayKey = `day:${content.workerCode}:${content.workDate}`;
  if (hours.lessThan(min) || hours.greaterThan(max))
    yield refusal('HOURS_OUT_OF_RANGE', dayKey, `${content.hours} hours; policy allows ${min} to ${max} per entry`);
  const total = hours.plus(decimal(day.otherHours));
  const limit = policy.validation.dailyLimitHours(region);
  if (total.greaterThan(limit))
    yield refusal(
      'DAILY_LIMIT_EXCEEDED',
      dayKey,
      `${total.toFixed()} approved hours on ${content.workDate}; policy allows ${limit}`,
    );
  const today = dateIn(now, zone);
  if (content.workDate > today)
    yield refusal('FUTURE_WORK_DATE', dayKey, `the work date ${content.workDate} has not begun in ${zone}`);
  const { startedAt, endedAt } = content;
  if (
    policy.validation.overlap === 'hold' &&
    startedAt !== undefined &&
    endedAt !== undefined &&
    day.intervals.some((other) => other.startedAt < endedAt && startedAt < other.endedAt)
  )
    yield refusal('OVERLAP', dayKey, 'start and end overlap another approved entry of the day');
  if (content.payCode === undefined && policy.validation.requirePayCode)
    yield refusal(
      'UNMAPPED_ACTIVITY',
      `activity:${content.activity ?? 'none'}`,
      `no pay code is mapped for activity "${content.activity ?? ''}"`,
    );
}

function* approvalRefusals({ subject: { content, approval }, policy, legalEntityId }: Facts): Generator<Refusal> {
  if (approval.by === undefined) return;
  if (approval.by === content.workerCode && policy.validation.selfApproval === 'barred')
    yield refusal('SELF_APPROVED', masterKey('worker', content.workerCode), `worker ${content.workerCode} approved the own time`);
  const approvers = policy.validation.approvers(legalEntityId);
  if (approvers !== 'anyone' && !approvers.codes.includes(approval.by))
    yield refusal(
      'APPROVER_NOT_AUTHORISED',
      `approver:${approval.by}`,
      `${approval.by} may not approve time of ${legalEntityId}`,
    );
}
