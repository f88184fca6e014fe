import type { BookedDocument, PostingDocument, PostingLine } from '@tieout/connector-kit';
import { decimalAt, objectsAt, textAt, type JsonObject } from './client/shape.js';

const toJournalLine = (line: PostingLine): JsonObject => ({
  lineRef: line.postingKey,
  account: line.account,
  offsetAccount: line.balancingAccount,
  employee: line.workerCode,
  project: line.projectCode,
  ...(line.taskCode !== undefined && { task: line.taskCode }),
  ...(line.costCentre !== undefined && { costCenter: line.costCentre }),
  serviceDate: line.workDate,
  quantity: line.hours,
  value: line.amount,
  text: `${line.kind} ${line.entryId} release ${line.releaseNo}`,
});

export const toJournal = (document: PostingDocument): JsonObject => ({
  reference: document.documentKey,
  company: document.legalEntityId,
  period: document.postingPeriod,
  journalDate: document.postingDate,
  currency: document.currency,
  lines: document.lines.map(toJournalLine),
});

/** @throws Fault ContractBroken */
export const toBookedDocument = (journal: JsonObject): BookedDocument => {
  const externalId = textAt(journal, 'journalNo', 'journal');
  const where = `journal ${externalId}`;
  return {
    externalId,
    state: 'posted',
    postingPeriod: textAt(journal, 'period', where),
    lines: objectsAt(journal, 'lines', where).map((line) => ({
      postingKey: textAt(line, 'lineRef', where),
      hours: decimalAt(line, 'quantity', where),
      amount: decimalAt(line, 'value', where),
    })),
  };
};
