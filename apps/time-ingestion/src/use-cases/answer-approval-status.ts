import type { ApprovalStatusAnswerV1, ApprovalStatusV1 } from '@tieout/contracts';
import { addDecimals } from '@tieout/model';
import { Problem, type ServiceRuntime } from '@tieout/service-kit';
import { approvalOfEntry, approvalsOfDays } from '../adapters/postgres/approval.store.js';
import { approvalSubject } from '../domain/approval-status.js';

/** Whether an entry, or a worker's week, is approved: for payroll, planning and whoever else waits for it. */
export class AnswerApprovalStatus {
  constructor(private readonly runtime: ServiceRuntime) {}

  /** @throws Problem 400 */
  async run(question: ApprovalStatusV1): Promise<ApprovalStatusAnswerV1> {
    const { database } = this.runtime;
    const subject = approvalSubject(question);
    if (subject === undefined)
      throw new Problem(
        400,
        'invalid-request',
        'The request is wrong',
        'Approval is asked for in exactly one way.',
        'Give entryId, or connection and sourceId, or worker and week.',
      );
    const rows =
      subject.kind === 'entry'
        ? await approvalOfEntry(database, subject.entryId)
        : await approvalsOfDays(database, subject.worker, subject.from, subject.to);
    const hours = (wanted: (row: (typeof rows)[number]) => boolean) => addDecimals(rows.filter(wanted).map((row) => row.hours));
    return {
      found: rows.length > 0,
      entries: rows.map(({ approvedAt, ...row }) => ({ ...row, ...(approvedAt !== null && { approvedAt }) })),
      recordedHours: hours(() => true),
      approvedHours: hours(({ approved }) => approved),
      releasedHours: hours(({ verdict }) => verdict === 'released'),
    };
  }
}
