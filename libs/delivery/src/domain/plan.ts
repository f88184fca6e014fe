import { addDecimals, negate, postingKeyOf, sameDecimal, type DecimalString, type Leg, type PostingKind } from '@tieout/model';
import { negated, sameContent, type LedgerLine, type LineContent, type NewLine, type Target } from './ledger.js';
import { isBooked, isInFlight, isOpen } from './posting-states.js';

export type Plan =
  /** A line is on its way: its outcome decides what is owed. Planned again when it is known. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'lines'; readonly emit: readonly NewLine[]; readonly cancel: readonly LedgerLine[] };

/** `reverse`: what stands wrongly is negated and booked anew. `adjust`: the difference is booked (payroll), also when it is negative. */
export type CorrectionStyle = 'reverse' | 'adjust';

/**
 * Compares what should stand with the lines that exist. With `reverse`, afterwards at most one line per leg stands or is owed
 * without a reversal owed against it; with `adjust`, booked and owed lines of a leg sum to what is wanted. So a release never
 * needs two lines of one key, several corrections collapse into one, and a change back nets to nothing.
 */
export const plan = (target: Target, lines: readonly LedgerLine[], style: CorrectionStyle = 'reverse'): Plan => {
  if (lines.some((line) => isInFlight(line.state) || line.committed)) return { kind: 'wait' };
  const legs = [...new Set([...target.wanted.map(({ leg }) => leg), ...lines.map(({ leg }) => leg)])];
  const ofLeg = style === 'reverse' ? planReversing : planAdjusting;
  const plans = legs.map((leg) =>
    ofLeg(
      target,
      leg,
      lines.filter((line) => line.leg === leg),
    ),
  );
  return { kind: 'lines', emit: plans.flatMap((leg) => leg.emit), cancel: plans.flatMap((leg) => leg.cancel) };
};

interface LegPlan {
  readonly emit: NewLine[];
  readonly cancel: LedgerLine[];
}

const wantedIn = (target: Target, leg: Leg): LineContent | undefined => target.wanted.find((line) => line.leg === leg)?.content;

const reversedKeys = (lines: readonly LedgerLine[]): ReadonlySet<string | undefined> =>
  new Set(lines.filter((line) => line.kind === 'reversal' && isBooked(line.state)).map((line) => line.reverses));

/** Posted lines that nothing posted reverses. */
export const effectiveLines = (lines: readonly LedgerLine[]): LedgerLine[] => {
  const reversed = reversedKeys(lines);
  return lines.filter((line) => line.kind === 'post' && isBooked(line.state) && !reversed.has(line.postingKey));
};

const planReversing = (target: Target, leg: Leg, lines: readonly LedgerLine[]): LegPlan => {
  const wanted = wantedIn(target, leg);
  const standing = effectiveLines(lines);
  const open = lines.filter((line) => isOpen(line.state));
  // Its reversal was booked, and then it turned out that the line itself was not: it is owed to make the two come to nothing.
  const reversed = reversedKeys(lines);
  const spent = (line: LedgerLine): boolean => reversed.has(line.postingKey);
  const asWanted = (line: LedgerLine): boolean => wanted !== undefined && sameContent(line.content, wanted);
  // A line that reverses itself has done its duty when it was booked once.
  const fulfilled =
    wanted?.reverseInto !== undefined && lines.some((line) => line.kind === 'post' && isBooked(line.state) && asWanted(line));

  const keptStanding = standing.find(asWanted);
  const keptOpen =
    keptStanding === undefined && !fulfilled
      ? open.findLast((line) => line.kind === 'post' && asWanted(line) && !spent(line))
      : undefined;
  const toReverse = standing.filter((line) => line !== keptStanding || line.content.reverseInto !== undefined);

  const owed = (line: LedgerLine): boolean =>
    line.kind === 'post' ? line === keptOpen || spent(line) : toReverse.some((booked) => booked.postingKey === line.reverses);
  const cancel = open.filter((line) => !owed(line));

  const emit: NewLine[] = [];
  // Two at once where a line stands twice and is corrected at the same time: each takes a key of its own.
  for (const booked of toReverse)
    if (!open.some((line) => line.reverses === booked.postingKey)) emit.push(reversalOf(booked, target, [...lines, ...emit]));
  if (wanted !== undefined && keptStanding === undefined && keptOpen === undefined && !fulfilled) {
    const everBooked = lines.some((line) => isBooked(line.state));
    emit.push({
      ...freeKey(target, leg, 'post', lines),
      leg,
      kind: 'post',
      origin: everBooked ? 'correction' : 'original',
      content: wanted,
    });
  }
  return { emit, cancel };
};

/** Per work date: an hour that moved to another day is taken from the one and given to the other. */
const planAdjusting = (target: Target, leg: Leg, lines: readonly LedgerLine[]): LegPlan => {
  const wanted = wantedIn(target, leg);
  const dates = [...new Set([...lines.map((line) => line.content.workDate), ...(wanted ? [wanted.workDate] : [])])].sort();
  const plans = dates.map((date) => {
    const ofDate = lines.filter((line) => line.content.workDate === date);
    return planDate(target, leg, ofDate, wanted?.workDate === date ? wanted : undefined);
  });
  return { emit: plans.flatMap((date) => date.emit), cancel: plans.flatMap((date) => date.cancel) };
};

const planDate = (target: Target, leg: Leg, lines: readonly LedgerLine[], wanted: LineContent | undefined): LegPlan => {
  const booked = lines.filter((line) => isBooked(line.state));
  const open = lines.filter((line) => isOpen(line.state));
  const latest = wanted ?? booked.at(-1)?.content;
  if (latest === undefined) return { emit: [], cancel: open };
  const missing = (of: (content: LineContent) => DecimalString): DecimalString =>
    addDecimals([wanted ? of(wanted) : '0', ...booked.map((line) => negate(of(line.content)))]);
  const hours = missing((content) => content.hours);
  const amount = missing((content) => content.amount);
  const settled = sameDecimal(hours, '0') && sameDecimal(amount, '0');
  const content: LineContent = { ...latest, hours, amount };
  const kept = settled ? undefined : open.findLast((line) => sameContent(line.content, content));
  const cancel = open.filter((line) => line !== kept);
  if (settled || kept !== undefined) return { emit: [], cancel };
  const kind = booked.length === 0 ? 'post' : 'adjustment';
  return {
    emit: [
      {
        // The work date keeps the two halves of a moved hour apart.
        ...freeKey(target, `${leg}@${latest.workDate}` as Leg, kind, lines),
        leg,
        kind,
        origin: booked.length === 0 ? 'original' : 'correction',
        content,
      },
    ],
    cancel,
  };
};

type Keyed = Pick<LedgerLine, 'postingKey'>;

/** A copy of the booked line, negated: never worked out anew from rates that may have changed since. */
const reversalOf = (booked: LedgerLine, target: Target, lines: readonly Keyed[]): NewLine => {
  const anchorPeriod = booked.content.reverseInto ?? booked.postingPeriod;
  return {
    ...freeKey(target, booked.leg, 'reversal', lines),
    leg: booked.leg,
    kind: 'reversal',
    reverses: booked.postingKey,
    origin: 'correction',
    content: negated(booked.content),
    ...(anchorPeriod !== undefined && { anchorPeriod }),
  };
};

/**
 * The key of a line of this release. Only after a restore can it be taken, by a line of a history that our sources no longer know:
 * then the next free number is used, worked out from the ledger alone.
 */
const freeKey = (
  target: Target,
  leg: Leg,
  kind: PostingKind,
  lines: readonly Keyed[],
): Pick<NewLine, 'postingKey' | 'releaseNo'> => {
  const taken = new Set(lines.map((line) => line.postingKey));
  for (let releaseNo = target.releaseNo; ; releaseNo++) {
    const postingKey = postingKeyOf(target.destination, target.entryId, releaseNo, leg, kind);
    if (!taken.has(postingKey)) return { postingKey, releaseNo };
  }
};
