import {
  addDays,
  assignmentCode,
  masterKey,
  refusal,
  taskCode,
  type MasterAttributes,
  type Refusal,
  type WorkDate,
} from '@tieout/model';
import type { ValidationRules } from '@tieout/policy';

/** An object on the day that was asked for. */
export interface OnDay<A> {
  readonly code: string;
  readonly attributes: A;
}
/** What was found of a code: undefined, nobody knows it; `ambiguous`, more than one may be meant. */
export type Found<A> = OnDay<A> | 'ambiguous' | undefined;

export interface ChargeQuestion {
  readonly on: WorkDate;
  /** As asked. */
  readonly projectCode: string;
  readonly workerCode: string | undefined;
  readonly taskCode: string | undefined;
  readonly project: Found<MasterAttributes['project']>;
  readonly worker: Found<MasterAttributes['worker']>;
  readonly task: Found<MasterAttributes['task']>;
  readonly assignment: Found<MasterAttributes['assignment']>;
  readonly rules: Pick<ValidationRules, 'projectGraceDays' | 'requireTask' | 'intercompany'>;
}

/**
 * Why time may not be recorded on a project, as far as master data and policy say: each reason that an approved hour would be held for.
 * Empty: it may.
 */
export const chargeRefusals = (question: ChargeQuestion): Refusal[] => [
  ...workerRefusals(question),
  ...projectRefusals(question),
];

function* workerRefusals({ workerCode, worker, on }: ChargeQuestion): Generator<Refusal> {
  if (workerCode === undefined) return;
  const key = masterKey('worker', workerCode);
  if (worker === undefined) yield refusal('UNKNOWN_WORKER', key, `worker ${workerCode} is not in the system of record`);
  else if (worker === 'ambiguous')
    yield refusal('AMBIGUOUS_IDENTITY', key, `more than one record may be worker ${workerCode} on ${on}`);
  else if (!isWithin(on, worker.attributes))
    yield refusal('INACTIVE_WORKER', key, `worker ${workerCode} was active ${span(worker.attributes)}, asked for ${on}`);
  else if (worker.attributes.legalEntity === undefined)
    yield refusal('UNKNOWN_WORKER', key, `worker ${workerCode} has no legal entity on ${on}`);
}

function* projectRefusals(question: ChargeQuestion): Generator<Refusal> {
  const { projectCode, project, worker, on, rules } = question;
  const key = masterKey('project', projectCode);
  if (project === undefined) {
    yield refusal('UNKNOWN_PROJECT', key, `project ${projectCode} is not in the system of record`);
    return;
  }
  if (project === 'ambiguous') {
    yield refusal('AMBIGUOUS_IDENTITY', key, `more than one record claims project ${projectCode}`);
    return;
  }
  const { activeFrom, activeTo, legalEntity } = project.attributes;
  const grace = rules.projectGraceDays;
  if (activeTo !== undefined && on > addDays(activeTo, grace))
    yield refusal('INACTIVE_PROJECT', key, `project ${projectCode} ended on ${activeTo} (grace ${grace} days), asked for ${on}`);
  else if (activeFrom !== undefined && on < activeFrom)
    yield refusal('INACTIVE_PROJECT', key, `project ${projectCode} starts on ${activeFrom}, asked for ${on}`);
  const home = typeof worker === 'object' ? worker.attributes.legalEntity : undefined;
  if (rules.intercompany === 'hold' && home !== undefined && legalEntity !== undefined && home !== legalEntity)
    yield refusal(
      'INTERCOMPANY_NOT_ALLOWED',
      `intercompany:${home}/${legalEntity}`,
      `worker of ${home} on a project of ${legalEntity}`,
    );
  yield* taskRefusals(question, project.code);
  if (project.attributes.assignedOnly === 'true') yield* assignmentRefusals(question, project.code);
}

function* taskRefusals({ taskCode: asked, task, on, rules }: ChargeQuestion, project: string): Generator<Refusal> {
  if (asked === undefined) {
    if (rules.requireTask)
      yield refusal('UNKNOWN_TASK', masterKey('project', project), 'no task was named, and policy requires one');
    return;
  }
  const key = masterKey('task', taskCode(project, asked));
  if (task === undefined) yield refusal('UNKNOWN_TASK', key, `project ${project} has no task ${asked}`);
  else if (task === 'ambiguous')
    yield refusal('AMBIGUOUS_IDENTITY', key, `more than one record claims task ${asked} of ${project}`);
  else if (task.attributes.activeTo !== undefined && on > task.attributes.activeTo)
    yield refusal('CLOSED_TASK', key, `task ${asked} of ${project} was closed on ${task.attributes.activeTo}, asked for ${on}`);
}

function* assignmentRefusals({ worker, assignment, on }: ChargeQuestion, project: string): Generator<Refusal> {
  if (typeof worker !== 'object') return;
  if (typeof assignment === 'object' && isWithin(on, assignment.attributes)) return;
  const code = assignmentCode(project, worker.code);
  yield refusal('NOT_ASSIGNED', masterKey('assignment', code), `worker ${worker.code} is not assigned to ${project} on ${on}`);
}

interface Dated {
  readonly activeFrom?: WorkDate;
  readonly activeTo?: WorkDate;
}
/** Both ends count; an open end is no limit. */
export const isWithin = (on: WorkDate, { activeFrom, activeTo }: Dated): boolean =>
  (activeFrom === undefined || on >= activeFrom) && (activeTo === undefined || on <= activeTo);
const span = ({ activeFrom, activeTo }: Dated): string => `${activeFrom ?? '…'} to ${activeTo ?? '…'}`;
