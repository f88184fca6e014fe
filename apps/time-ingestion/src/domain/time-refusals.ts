import { approverRightCode, dateIn, masterKey, refusal, type Refusal } from '@tieout/model';
import { compareDecimals, sumOf } from './exact.js';
import type { Facts } from './facts.js';
import { isActiveOn } from './master-data-refusals.js';

export const refuseTime = ({ subject: { content, day }, validation, run, zone }: Facts, refusals: Refusal[]): void => {
  const { hours, workDate } = content;
  const { min, max } = validation.hoursPerEntry;
  const refuse = (reason: 'HOURS_OUT_OF_RANGE' | 'DAILY_LIMIT_EXCEEDED' | 'FUTURE_WORK_DATE' | 'OVERLAP', why: string): void => {
    refusals.push(refusal(reason, `day:${content.workerCode}:${workDate}`, why));
  };
  if (compareDecimals(hours, min) < 0 || compareDecimals(hours, max) > 0)
    refuse('HOURS_OUT_OF_RANGE', `${hours} hours; policy allows ${min} to ${max} per entry`);
  const limit = validation.dailyLimitHours;
  const total = day.otherHours === '0' ? hours : sumOf(hours, day.otherHours);
  if (compareDecimals(total, limit) > 0)
    refuse('DAILY_LIMIT_EXCEEDED', `${total} approved hours on ${workDate}; policy allows ${limit}`);
  if (workDate > run.today(zone)) refuse('FUTURE_WORK_DATE', `the work date ${workDate} has not begun in ${zone}`);
  const { startedAt, endedAt } = content;
  if (
    validation.overlap === 'hold' &&
    startedAt !== undefined &&
    endedAt !== undefined &&
    day.intervals.some((other) => other.startedAt < endedAt && startedAt < other.endedAt)
  )
    refuse('OVERLAP', 'start and end overlap another approved entry of the day');
  if (content.payCode === undefined && validation.requirePayCode)
    refusals.push(
      refusal(
        'UNMAPPED_ACTIVITY',
        `activity:${content.activity ?? 'none'}`,
        `no pay code is mapped for activity "${content.activity ?? ''}"`,
      ),
    );
};

export const refuseApproval = (facts: Facts, refusals: Refusal[]): void => {
  const { validation, legalEntityId, master, worker } = facts;
  const { content, approval } = facts.subject;
  if (approval.by === undefined) return;
  // Whoever has two records approves the own time under neither of them.
  const by = master.currentCode('worker', approval.by, content.workDate);
  const isOwn = [approval.by, by].some((code) => code === content.workerCode || code === worker?.currentCode);
  if (isOwn && validation.selfApproval === 'barred')
    refusals.push(
      refusal('SELF_APPROVED', masterKey('worker', content.workerCode), `worker ${content.workerCode} approved the own time`),
    );
  const { approvers } = validation;
  if (typeof approvers === 'object' && !approvers.codes.includes(approval.by) && !approvers.codes.includes(by))
    refusals.push(
      refusal('APPROVER_NOT_AUTHORISED', `approver:${approval.by}`, `${approval.by} may not approve time of ${legalEntityId}`),
    );
  if (approvers === 'rights') refuseWithoutRight(facts, by, refusals);
};

/** The right counts on the day of the approval; where the source does not tell that, on the work date. */
const refuseWithoutRight = (facts: Facts, approver: string, refusals: Refusal[]): void => {
  const { worker, project, legalEntityId, master, zone } = facts;
  const { content, approval } = facts.subject;
  const date = approval.at === undefined ? content.workDate : dateIn(approval.at, zone);
  const reaches = (scope: string, code: string): boolean => {
    const right = master.on('approver-right', approverRightCode(scope, code, approver), date);
    return right !== undefined && !right.ambiguous && isActiveOn(date, right.attributes);
  };
  const [workerCode, projectCode] = [worker?.currentCode ?? content.workerCode, project?.currentCode ?? content.projectCode];
  if (reaches('legal-entity', legalEntityId) || reaches('project', projectCode) || reaches('worker', workerCode)) return;
  refusals.push(
    refusal(
      'APPROVER_NOT_AUTHORISED',
      `approver:${approval.by}`,
      `${approver} had no right on ${date} to approve time of legal entity ${legalEntityId}, of project ${projectCode} or of worker ${workerCode}`,
    ),
  );
};
