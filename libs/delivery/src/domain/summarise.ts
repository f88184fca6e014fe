import type { PostingLine } from '@tieout/connector-kit';
import { addDecimals } from '@tieout/model';
import { v5 } from 'uuid';

/** What stays apart when postings are summed into one line. Leg, kind, accounts and pay code always do. */
export const SUMMARY_FIELDS = ['worker', 'project', 'task', 'cost-centre', 'work-date'] as const;
export type SummaryField = (typeof SUMMARY_FIELDS)[number];

/** Namespace of the keys of summed lines. Never change it: destinations hold them. */
const SUMMED_LINE = '0e8f5a5e-52a4-5d0e-8d5c-6d1f5f2b9a44';
/** Stands where the postings of a summed line differ. */
export const VARIOUS = 'various';

const partOf = (line: PostingLine, field: SummaryField): string | undefined =>
  ({
    worker: line.workerCode,
    project: line.projectCode,
    task: line.taskCode,
    'cost-centre': line.costCentre,
    'work-date': line.workDate,
  })[field];

/**
 * Sums postings into lines that keep `fields` apart; each line names its members, so that every posting can be found from the line
 * and back. The key follows from document and group: a retry sends the same.
 */
export const summarised = (
  documentKey: string,
  postings: readonly PostingLine[],
  fields: readonly SummaryField[],
): PostingLine[] => {
  const groups = Map.groupBy(postings, (line) =>
    JSON.stringify([
      line.leg,
      line.kind,
      line.account,
      line.balancingAccount,
      line.currency,
      line.payCode,
      line.counterparty,
      ...fields.map((field) => partOf(line, field)),
    ]),
  );
  return [...groups].map(([key, group]) => summed(v5(`${documentKey} ${key}`, SUMMED_LINE), group, new Set(fields)));
};

const summed = (postingKey: string, group: readonly PostingLine[], fields: ReadonlySet<SummaryField>): PostingLine => {
  const first = group[0]!;
  return {
    postingKey,
    entryId: first.entryId,
    releaseNo: first.releaseNo,
    leg: first.leg,
    kind: first.kind,
    workerCode: fields.has('worker') ? first.workerCode : VARIOUS,
    projectCode: fields.has('project') ? first.projectCode : VARIOUS,
    ...(fields.has('task') && first.taskCode !== undefined && { taskCode: first.taskCode }),
    ...(fields.has('cost-centre') && first.costCentre !== undefined && { costCentre: first.costCentre }),
    workDate: group.map((line) => line.workDate).reduce((a, b) => (a > b ? a : b)),
    hours: addDecimals(group.map((line) => line.hours)),
    amount: addDecimals(group.map((line) => line.amount)),
    currency: first.currency,
    account: first.account,
    balancingAccount: first.balancingAccount,
    ...(first.payCode !== undefined && { payCode: first.payCode }),
    ...(first.payGroup !== undefined && { payGroup: first.payGroup }),
    ...(first.counterparty !== undefined && { counterparty: first.counterparty }),
    members: group.map(({ postingKey: key, entryId, releaseNo, hours, amount }) => ({
      postingKey: key,
      entryId,
      releaseNo,
      hours,
      amount,
    })),
  };
};
