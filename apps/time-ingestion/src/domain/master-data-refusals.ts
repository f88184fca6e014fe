import { addDays, assignmentCode, masterKey, refusal, taskCode, type Refusal, type WorkDate } from '@tieout/model';
import type { Facts } from './facts.js';

export const refuseWorker = ({ subject: { content }, master, worker }: Facts, refusals: Refusal[]): void => {
  const key = masterKey('worker', content.workerCode);
  if (worker === undefined) {
    refusals.push(refusal('UNKNOWN_WORKER', key, `worker ${content.workerCode} is not in the system of record`));
    return;
  }
  if (worker.ambiguous)
    refusals.push(refusal('AMBIGUOUS_IDENTITY', key, `more than one record claims worker ${content.workerCode}`));
  const { activeFrom, activeTo, costCentre, legalEntity } = worker.attributes;
  if (!isActiveOn(content.workDate, worker.attributes))
    refusals.push(
      refusal(
        'INACTIVE_WORKER',
        key,
        `worker ${content.workerCode} was active ${activeFrom ?? '…'} to ${activeTo ?? '…'}, the work date is ${content.workDate}`,
      ),
    );
  if (legalEntity === undefined)
    refusals.push(refusal('UNKNOWN_WORKER', key, `worker ${content.workerCode} has no legal entity on ${content.workDate}`));
  if (costCentre === undefined) return;
  const found = master.on('cost-centre', costCentre, content.workDate);
  const ended = found?.attributes.activeTo;
  if (found === undefined || (ended !== undefined && content.workDate > ended))
    refusals.push(
      refusal(
        'UNKNOWN_COST_CENTRE',
        masterKey('cost-centre', costCentre),
        `cost centre ${costCentre} is ${found ? `closed since ${ended}` : 'not known'}`,
      ),
    );
};

export const refuseProject = (facts: Facts, refusals: Refusal[]): void => {
  const { subject, project, validation, legalEntityId } = facts;
  const { projectCode, workDate } = subject.content;
  const key = masterKey('project', projectCode);
  if (project === undefined) {
    refusals.push(refusal('UNKNOWN_PROJECT', key, `project ${projectCode} is not in the system of record`));
    return;
  }
  if (project.ambiguous) refusals.push(refusal('AMBIGUOUS_IDENTITY', key, `more than one record claims project ${projectCode}`));
  const { activeFrom, activeTo, legalEntity } = project.attributes;
  const grace = validation.projectGraceDays;
  // Cheap first: few projects have ended, and a day more is a matter of the calendar.
  if (activeTo !== undefined && workDate > activeTo && workDate > addDays(activeTo, grace))
    refusals.push(
      refusal(
        'INACTIVE_PROJECT',
        key,
        `project ${projectCode} ended on ${activeTo} (grace ${grace} days), the work date is ${workDate}`,
      ),
    );
  else if (activeFrom !== undefined && workDate < activeFrom)
    refusals.push(
      refusal('INACTIVE_PROJECT', key, `project ${projectCode} starts on ${activeFrom}, the work date is ${workDate}`),
    );
  const isAway = legalEntity !== undefined && facts.worker !== undefined && legalEntity !== legalEntityId;
  if (isAway && validation.intercompany === 'hold')
    refusals.push(
      refusal(
        'INTERCOMPANY_NOT_ALLOWED',
        `intercompany:${legalEntityId}/${legalEntity}`,
        `worker of ${legalEntityId} on a project of ${legalEntity}`,
      ),
    );
  refuseTask(facts, project.currentCode, refusals);
  if (project.attributes.assignedOnly === 'true') refuseAssignment(facts, project.currentCode, refusals);
};

const refuseTask = (
  { subject: { content }, master, validation, codeDate }: Facts,
  projectCode: string,
  refusals: Refusal[],
): void => {
  const { workDate } = content;
  if (content.taskCode === undefined) {
    if (validation.requireTask)
      refusals.push(
        refusal('UNKNOWN_TASK', masterKey('project', projectCode), 'the entry names no task, and policy requires one'),
      );
    return;
  }
  const code = taskCode(projectCode, content.taskCode);
  const task = master.on('task', code, codeDate);
  const ended = task?.attributes.activeTo;
  if (task === undefined)
    refusals.push(refusal('UNKNOWN_TASK', masterKey('task', code), `project ${projectCode} has no task ${content.taskCode}`));
  else if (ended !== undefined && workDate > ended)
    refusals.push(
      refusal('CLOSED_TASK', masterKey('task', code), `task ${code} was closed on ${ended}, the work date is ${workDate}`),
    );
};

const refuseAssignment = ({ subject: { content }, master, worker }: Facts, projectCode: string, refusals: Refusal[]): void => {
  const code = assignmentCode(projectCode, worker?.currentCode ?? content.workerCode);
  const assignment = master.on('assignment', code, content.workDate);
  if (assignment === undefined || !isActiveOn(content.workDate, assignment.attributes))
    refusals.push(
      refusal(
        'NOT_ASSIGNED',
        masterKey('assignment', code),
        `worker ${content.workerCode} is not assigned to ${projectCode} on ${content.workDate}`,
      ),
    );
};

/** An open end is no limit. */
export const isActiveOn = (
  date: WorkDate,
  { activeFrom, activeTo }: { readonly activeFrom?: WorkDate; readonly activeTo?: WorkDate },
): boolean => (activeFrom === undefined || date >= activeFrom) && (activeTo === undefined || date <= activeTo);
