import type { BookedDocument, BookedLine, LineMember, PostingDocument, PostingLine } from '@tieout/connector-kit';
import { LEGS, POSTING_KINDS, type Leg, type PostingKind } from '@tieout/model';
import { dateAt, decimalAt, objectsAt, optionalText, textAt, type JsonObject } from '../client/shape.js';

const toMember = ({ postingKey, entryId, releaseNo, hours, amount }: LineMember): JsonObject => ({
  lineRef: postingKey,
  entry: entryId,
  release: releaseNo,
  quantity: hours,
  value: amount,
});

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
  entry: line.entryId,
  release: line.releaseNo,
  leg: line.leg,
  kind: line.kind,
  ...(line.reverses !== undefined && { reverses: line.reverses }),
  ...(line.counterparty !== undefined && { counterparty: line.counterparty }),
  ...(line.members !== undefined && { members: line.members.map(toMember) }),
});

export const toJournal = (document: PostingDocument): JsonObject => ({
  reference: document.documentKey,
  company: document.legalEntityId,
  period: document.postingPeriod,
  journalDate: document.postingDate,
  currency: document.currency,
  lines: document.lines.map(toJournalLine),
});

const isLeg = (text: string): text is Leg => text.startsWith('pay:') || (LEGS as readonly string[]).includes(text);
const isKind = (text: string): text is PostingKind => (POSTING_KINDS as readonly string[]).includes(text);
const releaseOf = (item: JsonObject): number | undefined =>
  Number.isSafeInteger(item['release']) ? (item['release'] as number) : undefined;

const ofMember =
  (where: string) =>
  (member: JsonObject): LineMember => ({
    postingKey: textAt(member, 'lineRef', where),
    entryId: textAt(member, 'entry', where),
    releaseNo: releaseOf(member) ?? 0,
    hours: decimalAt(member, 'quantity', where),
    amount: decimalAt(member, 'value', where),
  });

const toBookedLine = (line: JsonObject, journalNo: string, index: number): BookedLine => {
  const where = `journal ${journalNo}`;
  const [leg, kind] = [optionalText(line, 'leg') ?? '', optionalText(line, 'kind') ?? ''];
  return {
    // A line that somebody else booked may have no reference: its place names it.
    postingKey: optionalText(line, 'lineRef') ?? `${journalNo}#${index}`,
    hours: decimalAt(line, 'quantity', where),
    amount: decimalAt(line, 'value', where),
    entryId: optionalText(line, 'entry'),
    releaseNo: releaseOf(line),
    leg: isLeg(leg) ? leg : undefined,
    kind: isKind(kind) ? kind : undefined,
    reverses: optionalText(line, 'reverses'),
    workerCode: optionalText(line, 'employee'),
    projectCode: optionalText(line, 'project'),
    taskCode: optionalText(line, 'task'),
    costCentre: optionalText(line, 'costCenter'),
    workDate: optionalText(line, 'serviceDate'),
    account: optionalText(line, 'account'),
    balancingAccount: optionalText(line, 'offsetAccount'),
    ...(Array.isArray(line['members']) && { members: objectsAt(line, 'members', where).map(ofMember(where)) }),
  };
};

/** @throws Fault ContractBroken */
export const toBookedDocument = (journal: JsonObject): BookedDocument => {
  const externalId = textAt(journal, 'journalNo', 'journal');
  const where = `journal ${externalId}`;
  return {
    externalId,
    state: journal['state'] === 'draft' ? 'draft' : 'posted',
    reference: optionalText(journal, 'reference'),
    legalEntityId: optionalText(journal, 'company'),
    currency: optionalText(journal, 'currency'),
    postingPeriod: textAt(journal, 'period', where),
    postingDate: dateAt(journal, 'journalDate', where),
    lines: objectsAt(journal, 'lines', where).map((line, index) => toBookedLine(line, externalId, index)),
  };
};
