import type { BookedDocument, BookedLine, PostingDocument, PostingLine } from '@tieout/connector-kit';
import { controlTotals, LEGS, POSTING_KINDS, type Leg, type PostingKind } from '@tieout/model';
import { dateAt, decimalAt, objectsAt, optionalText, textAt, type JsonObject } from '../client/shape.js';

/** A pay period's code is the pay group and the bureau's own name of the period. */
export const payPeriodOf = (postingPeriod: string): { readonly payGroup: string; readonly payPeriod: string } => {
  const at = postingPeriod.indexOf('/');
  return { payGroup: postingPeriod.slice(0, Math.max(at, 0)), payPeriod: postingPeriod.slice(at + 1) };
};

const payCodeOf = (line: PostingLine): string => line.payCode ?? (line.leg.startsWith('pay:') ? line.leg.slice(4) : '');

/** Our own words about the line, so that the ledger can be rebuilt from what stands there. */
const noteOf = (line: PostingLine): string =>
  [line.kind, line.entryId, line.releaseNo, line.leg, ...(line.reverses === undefined ? [] : [line.reverses])].join(' ');

const isLeg = (text: string): text is Leg => text.startsWith('pay:') || (LEGS as readonly string[]).includes(text);
const isKind = (text: string): text is PostingKind => (POSTING_KINDS as readonly string[]).includes(text);

const ofNote = (note: string | undefined): Partial<BookedLine> => {
  const [kind = '', entryId = '', releaseNo = '', leg = '', reverses] = (note ?? '').split(' ');
  if (!isKind(kind) || !isLeg(leg) || !/^\d{1,9}$/.test(releaseNo)) return {};
  return { kind, entryId, releaseNo: Number(releaseNo), leg, reverses };
};

const toBatchLine = (line: PostingLine): JsonObject => ({
  lineRef: line.postingKey,
  employee: line.workerCode,
  payCode: payCodeOf(line),
  hours: line.hours,
  workDate: line.workDate,
  project: line.projectCode,
  ...(line.costCentre !== undefined && { costCenter: line.costCentre }),
  value: line.amount,
  text: noteOf(line),
});

export const toBatch = (document: PostingDocument): JsonObject => {
  // Of the lines as sent, summed or not: the bureau can only count these.
  const { count, hours, hashTotal } = controlTotals(
    document.lines.map((line) => ({ key: line.postingKey, hours: line.hours, amount: line.amount, currency: line.currency })),
  );
  return {
    reference: document.documentKey,
    company: document.legalEntityId,
    ...payPeriodOf(document.postingPeriod),
    bookingDate: document.postingDate,
    currency: document.currency,
    controlTotals: { count, hours, hashTotal },
    lines: document.lines.map(toBatchLine),
  };
};

/** @throws Fault ContractBroken */
export const toBookedDocument = (batch: JsonObject): BookedDocument => {
  const externalId = textAt(batch, 'ticket', 'batch');
  const where = `batch ${externalId}`;
  return {
    externalId,
    state: textAt(batch, 'status', where) === 'acknowledged' ? 'posted' : 'draft',
    postingPeriod: `${textAt(batch, 'payGroup', where)}/${textAt(batch, 'payPeriod', where)}`,
    reference: optionalText(batch, 'reference'),
    legalEntityId: optionalText(batch, 'company'),
    currency: optionalText(batch, 'currency'),
    postingDate: dateAt(batch, 'bookingDate', where),
    lines: objectsAt(batch, 'lines', where).map((line) => ({
      postingKey: textAt(line, 'lineRef', where),
      hours: decimalAt(line, 'hours', where),
      amount: optionalText(line, 'value') === undefined ? '0' : decimalAt(line, 'value', where),
      workerCode: optionalText(line, 'employee'),
      projectCode: optionalText(line, 'project'),
      costCentre: optionalText(line, 'costCenter'),
      workDate: optionalText(line, 'workDate'),
      payCode: optionalText(line, 'payCode'),
      ...ofNote(optionalText(line, 'text')),
    })),
  };
};
