import { isCalendarDate, type TimelineSegment, type WorkDate } from '@tieout/model';

type Attributes = Readonly<Record<string, string>>;

/** One source's history of an object, and which attributes that source may say. */
export interface TimelinePart {
  readonly owns: (attribute: string) => boolean;
  readonly timeline: readonly TimelineSegment[];
}

/** Ascending, one segment per date (the last one given wins). */
export const orderedTimeline = (timeline: readonly TimelineSegment[]): TimelineSegment[] =>
  [...new Map(timeline.map((segment) => [segment.validFrom, segment])).values()].sort((a, b) =>
    a.validFrom < b.validFrom ? -1 : 1,
  );

/** Why a timeline cannot be read, or undefined. */
export const timelineProblem = (timeline: readonly TimelineSegment[]): string | undefined => {
  if (timeline.length === 0) return 'the timeline is empty: expected at least one segment';
  const wrong = timeline.find(({ validFrom }) => !isCalendarDate(validFrom));
  return wrong && `validFrom is "${wrong.validFrom}": expected a date, for example 2026-11-23`;
};

/**
 * One history out of several: on every date each attribute has the value that its owner gives it on that date. It begins when the
 * first part begins, for that source says since when the object exists. All parts must be ordered and not empty.
 */
export const mergeTimelines = (creator: TimelinePart, others: readonly TimelinePart[]): TimelineSegment[] => {
  const begin = creator.timeline[0]!.validFrom;
  const parts = [creator, ...others];
  const dates = new Set<WorkDate>([begin]);
  for (const { timeline } of parts) for (const { validFrom } of timeline) if (validFrom > begin) dates.add(validFrom);

  const merged: TimelineSegment[] = [];
  const next = parts.map(() => 0);
  for (const date of [...dates].sort()) {
    const attributes: Record<string, string> = {};
    parts.forEach(({ owns, timeline }, part) => {
      while (timeline[next[part]!] !== undefined && timeline[next[part]!]!.validFrom <= date) next[part]!++;
      const segment = timeline[next[part]! - 1];
      for (const [name, value] of Object.entries(segment?.attributes ?? {})) if (owns(name)) attributes[name] = value;
    });
    if (merged.length === 0 || !sameAttributes(merged.at(-1)!.attributes, attributes))
      merged.push({ validFrom: date, attributes });
  }
  return merged;
};

const sameAttributes = (a: Attributes, b: Attributes): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};

/** Ends the object on a day, where it had not ended before. */
export const endedOn = (timeline: readonly TimelineSegment[], day: WorkDate): TimelineSegment[] =>
  timeline.map(({ validFrom, attributes }) => {
    const { activeTo } = attributes;
    return activeTo !== undefined && activeTo <= day
      ? { validFrom, attributes }
      : { validFrom, attributes: { ...attributes, activeTo: day } };
  });

/** The attributes on a date; before the first segment those of the first, for an object of the future has a legal entity too. */
export const attributesAsOf = (timeline: readonly TimelineSegment[], date: WorkDate): Attributes => {
  let found = timeline[0];
  for (const segment of timeline) if (segment.validFrom <= date) found = segment;
  return found?.attributes ?? {};
};
