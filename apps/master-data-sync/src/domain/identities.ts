import { addDays, type MasterObject, type SharedIdentity, type TimelineSegment, type WorkDate } from '@tieout/model';

/** Days from and to, both inclusive. */
export interface Span {
  readonly from: WorkDate;
  readonly to: WorkDate;
}
const END_OF_TIME = '9999-12-31';

/** HR's key of the human being whom the object is now. */
export const personOf = ({ timeline }: Pick<MasterObject, 'timeline'>): string | undefined =>
  timeline.at(-1)?.attributes['person'];

/** The days on which an object is active: a person who left and came back has a gap. */
export const activeSpans = (timeline: readonly TimelineSegment[]): Span[] => {
  const spans: { from: WorkDate; to: WorkDate }[] = [];
  timeline.forEach(({ validFrom, attributes }, i) => {
    const next = timeline[i + 1];
    const from = later(validFrom, attributes['activeFrom'] ?? validFrom);
    const to = earlier(next === undefined ? END_OF_TIME : addDays(next.validFrom, -1), attributes['activeTo'] ?? END_OF_TIME);
    if (from > to) return;
    const last = spans.at(-1);
    if (last !== undefined && addDays(last.to, 1) === from) last.to = to;
    else spans.push({ from, to });
  });
  return spans;
};

/**
 * The days on which an object's person is active as another object too, and nobody said that they are one: whose hour it is cannot be
 * told on these days, and can on all others. A record that was merged into another means that one from then on.
 */
export const sharedIdentity = (object: MasterObject, others: readonly MasterObject[]): SharedIdentity[] =>
  others
    .flatMap((other) => {
      if (other.id === object.id) return [];
      return overlaps(ownSpans(object), ownSpans(other)).map(({ from, to }) => ({
        with: other.code,
        from,
        ...(to !== END_OF_TIME && { to }),
      }));
    })
    .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.with < b.with ? -1 : 1));

/** Those of one person, with the days that they share. Objects that change nothing come back as they are. */
export const withSharedIdentities = (objects: readonly MasterObject[]): MasterObject[] => {
  const byPerson = Map.groupBy(objects, personOf);
  return objects.map((object) => {
    const person = personOf(object);
    const shared = person === undefined ? [] : sharedIdentity(object, byPerson.get(person)!);
    if (JSON.stringify(shared) === JSON.stringify(object.sharedIdentity ?? [])) return object;
    const { sharedIdentity: _before, ...rest } = object;
    return shared.length > 0 ? { ...rest, sharedIdentity: shared } : rest;
  });
};

const ownSpans = ({ timeline, mergedInto }: MasterObject): Span[] => {
  const spans = activeSpans(timeline);
  if (mergedInto === undefined) return spans;
  const last = addDays(mergedInto.validFrom, -1);
  return spans.flatMap(({ from, to }) => (from > last ? [] : [{ from, to: earlier(to, last) }]));
};

const overlaps = (a: readonly Span[], b: readonly Span[]): Span[] =>
  a.flatMap((one) =>
    b.flatMap((other) => {
      const span = { from: later(one.from, other.from), to: earlier(one.to, other.to) };
      return span.from <= span.to ? [span] : [];
    }),
  );

const later = (a: WorkDate, b: WorkDate): WorkDate => (a > b ? a : b);
const earlier = (a: WorkDate, b: WorkDate): WorkDate => (a < b ? a : b);
