import type { BookedDocument, BookedLine, PostingDocument, PostingLine } from '@tieout/connector-kit';
import { controlTotals, LEGS, POSTING_KINDS, type Leg, type PostingKind } from '@tieout/model';
import type { FileLine, PayRunFile } from './client/pay-run-file.js';

/** Pay group and period may hold anything; a file name may not. */
const nameable = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]/g, '-');

const splitPeriod = (code: string): { payGroup: string; payPeriod: string } => {
  const at = code.indexOf('/');
  return { payGroup: code.slice(0, Math.max(at, 0)), payPeriod: code.slice(at + 1) };
};

/** `GROUP_PERIOD_DOCUMENT-KEY.csv` */
export const fileNameOf = (document: Pick<PostingDocument, 'documentKey' | 'postingPeriod'>): string => {
  const { payGroup, payPeriod } = splitPeriod(document.postingPeriod);
  return `${[payGroup, payPeriod, document.documentKey].map(nameable).join('_')}.csv`;
};
/** Whether a name is one of ours: nobody else's file is ever opened, and no name leads out of the folder. */
export const isFileName = (name: string): boolean => /^[A-Za-z0-9.-]*_[A-Za-z0-9.-]+_[A-Za-z0-9.-]+\.csv$/.test(name);
export const carriesKey = (name: string, documentKey: string): boolean =>
  isFileName(name) && name.endsWith(`_${nameable(documentKey)}.csv`);

const payCodeOf = (line: PostingLine): string => line.payCode ?? (line.leg.startsWith('pay:') ? line.leg.slice(4) : '');

const toLine = (line: PostingLine): FileLine => ({
  postingKey: line.postingKey,
  worker: line.workerCode,
  payCode: payCodeOf(line),
  hours: line.hours,
  workDate: line.workDate,
  project: line.projectCode,
  task: line.taskCode ?? '',
  costCentre: line.costCentre ?? '',
  amount: line.amount,
  kind: line.kind,
  leg: line.leg,
  entryId: line.entryId,
  releaseNo: String(line.releaseNo),
  reverses: line.reverses ?? '',
});

export const toFile = (document: PostingDocument): PayRunFile => {
  // Of the lines as written, summed or not: the bureau can only count these.
  const { count, hours, hashTotal } = controlTotals(
    document.lines.map((line) => ({ key: line.postingKey, hours: line.hours, amount: line.amount, currency: line.currency })),
  );
  return {
    documentKey: document.documentKey,
    legalEntity: document.legalEntityId,
    ...splitPeriod(document.postingPeriod),
    postingDate: document.postingDate,
    currency: document.currency,
    totals: { count, hours, hashTotal },
    lines: document.lines.map(toLine),
  };
};

const present = (text: string): string | undefined => (text === '' ? undefined : text);
const kindOf = (text: string): PostingKind | undefined => POSTING_KINDS.find((kind) => kind === text);
const legOf = (text: string): Leg | undefined => (text.startsWith('pay:') ? (text as Leg) : LEGS.find((leg) => leg === text));

const toBookedLine = (line: FileLine): BookedLine => ({
  postingKey: line.postingKey,
  hours: line.hours,
  amount: line.amount,
  entryId: present(line.entryId),
  releaseNo: /^\d{1,9}$/.test(line.releaseNo) ? Number(line.releaseNo) : undefined,
  leg: legOf(line.leg),
  kind: kindOf(line.kind),
  reverses: present(line.reverses),
  workerCode: line.worker,
  projectCode: present(line.project),
  taskCode: present(line.task),
  costCentre: present(line.costCentre),
  workDate: line.workDate,
  payCode: present(line.payCode),
});

export const toBookedDocument = (name: string, file: PayRunFile, state: BookedDocument['state']): BookedDocument => ({
  externalId: name,
  state,
  postingPeriod: `${file.payGroup}/${file.payPeriod}`,
  reference: file.documentKey,
  legalEntityId: file.legalEntity,
  currency: file.currency,
  postingDate: file.postingDate,
  lines: file.lines.map(toBookedLine),
});
