import { randomUUID } from 'node:crypto';
import { addDecimals, contentHash, controlTotals, negate } from '@tieout/model';
import type { PostingDocument, PostingLine } from '../posting-target.js';
import type { PostingFixture } from './subject.js';

/** Amounts and hours that floating point would change, and the smallest ones. */
const EXACT = [
  { hours: '7.5', amount: '637.5' },
  { hours: '0.1', amount: '0.01' },
  { hours: '0.2', amount: '1234567.89' },
  { hours: '1.25', amount: '0.3' },
] as const;

const line = (fixture: PostingFixture, date: string, n: number): PostingLine => {
  const { hours, amount } = EXACT[n % EXACT.length]!;
  return {
    postingKey: randomUUID(),
    entryId: randomUUID(),
    releaseNo: 1,
    leg: 'labour-cost',
    kind: 'post',
    workerCode: fixture.workerCode,
    projectCode: fixture.projectCode,
    ...(fixture.taskCode !== undefined && { taskCode: fixture.taskCode }),
    ...(fixture.costCentre !== undefined && { costCentre: fixture.costCentre }),
    workDate: date,
    hours,
    amount,
    currency: fixture.currency,
    account: fixture.account,
    balancingAccount: fixture.balancingAccount,
  };
};

const frozen = (fixture: PostingFixture, lines: readonly PostingLine[], closed: boolean): PostingDocument => ({
  documentKey: randomUUID(),
  contentHash: contentHash(lines),
  legalEntityId: fixture.legalEntityId,
  postingPeriod: (closed ? fixture.closedPeriod : undefined) ?? fixture.openPeriod,
  postingDate: (closed ? fixture.closedDate : undefined) ?? fixture.openDate,
  currency: fixture.currency,
  lines,
  totals: controlTotals(lines.map((l) => ({ key: l.postingKey, hours: l.hours, amount: l.amount, currency: l.currency }))),
});

export const newDocument = (
  fixture: PostingFixture,
  options: { lines?: number; closed?: boolean; spoil?: Partial<PostingLine> } = {},
): PostingDocument => {
  const date = (options.closed ? fixture.closedDate : undefined) ?? fixture.openDate;
  const lines = Array.from({ length: options.lines ?? 4 }, (_, n) => line(fixture, date, n));
  return frozen(
    fixture,
    lines.map((l, n) => (n === 1 ? { ...l, ...options.spoil } : l)),
    options.closed ?? false,
  );
};

export const reversalOf = (fixture: PostingFixture, document: PostingDocument): PostingDocument =>
  frozen(
    fixture,
    document.lines.map((l) => ({
      ...l,
      postingKey: randomUUID(),
      kind: 'reversal',
      reverses: l.postingKey,
      hours: negate(l.hours),
      amount: negate(l.amount),
    })),
    false,
  );

/** A document whose one line sums several postings and names them. */
export const summarisedDocument = (fixture: PostingFixture): PostingDocument => {
  const members = Array.from({ length: 3 }, (_, n) => line(fixture, fixture.openDate, n));
  const summed: PostingLine = {
    ...members[0]!,
    postingKey: randomUUID(),
    hours: addDecimals(members.map((member) => member.hours)),
    amount: addDecimals(members.map((member) => member.amount)),
    members: members.map(({ postingKey, entryId, releaseNo, hours, amount }) => ({
      postingKey,
      entryId,
      releaseNo,
      hours,
      amount,
    })),
  };
  return frozen(fixture, [summed], false);
};
