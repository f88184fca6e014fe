import { postingKeyOf, type Leg } from '@tieout/model';
import { negated, sameContent, type LedgerLine, type NewLine, type Target } from './ledger.js';
import { isBooked, isInFlight, isOpen } from './posting-states.js';

export type Plan =
  /** A line is on its way: its outcome decides what is owed. Planned again when it is known. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'lines'; readonly emit: readonly NewLine[]; readonly cancel: readonly LedgerLine[] };

const LEGS: readonly Leg[] = ['labour-cost'];

/**
 * Compares what should stand with the lines that exist. Afterwards at most one line per leg stands or is owed without a reversal
 * owed against it; so a release never needs two reversals of its own, and keys stay unique.
 */
export const plan = (target: Target, lines: readonly LedgerLine[]): Plan => {
  if (lines.some((line) => isInFlight(line.state) || line.committed)) return { kind: 'wait' };
  const legs = LEGS.map((leg) =>
    planLeg(
      target,
      leg,
      lines.filter((line) => line.leg === leg),
    ),
  );
  return { kind: 'lines', emit: legs.flatMap((leg) => leg.emit), cancel: legs.flatMap((leg) => leg.cancel) };
};

/** Posted lines that nothing posted reverses. */
export const effectiveLines = (lines: readonly LedgerLine[]): LedgerLine[] => {
  const reversed = new Set(lines.filter((line) => line.kind === 'reversal' && isBooked(line.state)).map((line) => line.reverses));
  return lines.filter((line) => line.kind === 'post' && isBooked(line.state) && !reversed.has(line.postingKey));
};

const planLeg = (target: Target, leg: Leg, lines: readonly LedgerLine[]): { emit: NewLine[]; cancel: LedgerLine[] } => {
  const standing = effectiveLines(lines);
  const open = lines.filter((line) => isOpen(line.state));
  const wanted = (line: LedgerLine): boolean => target.content !== null && sameContent(line.content, target.content);

  const keptStanding = standing.find(wanted);
  const keptOpen = keptStanding === undefined ? open.findLast((line) => line.kind === 'post' && wanted(line)) : undefined;
  const toReverse = standing.filter((line) => line !== keptStanding);

  const owed = (line: LedgerLine): boolean =>
    line.kind === 'post' ? line === keptOpen : toReverse.some((booked) => booked.postingKey === line.reverses);
  const cancel = open.filter((line) => !owed(line));

  const emit = toReverse
    .filter((booked) => !open.some((line) => line.reverses === booked.postingKey))
    .map((booked) => reversalOf(booked, target));
  if (target.content !== null && keptStanding === undefined && keptOpen === undefined) {
    const everBooked = lines.some((line) => isBooked(line.state));
    emit.push({
      postingKey: postingKeyOf(target.destination, target.entryId, target.releaseNo, leg, 'post'),
      releaseNo: target.releaseNo,
      leg,
      kind: 'post',
      origin: everBooked ? 'correction' : 'original',
      content: target.content,
    });
  }
  return { emit, cancel };
};

/** A copy of the booked line, negated: never worked out anew from rates that may have changed since. */
const reversalOf = (booked: LedgerLine, target: Target): NewLine => ({
  postingKey: postingKeyOf(target.destination, target.entryId, target.releaseNo, booked.leg, 'reversal'),
  releaseNo: target.releaseNo,
  leg: booked.leg,
  kind: 'reversal',
  reverses: booked.postingKey,
  origin: 'correction',
  content: negated(booked.content),
  ...(booked.postingPeriod !== undefined && { anchorPeriod: booked.postingPeriod }),
});
