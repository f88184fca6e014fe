import { addDays, type MasterKind, type MasterObject, type MergedInto, type TimelineSegment, type WorkDate } from '@tieout/model';

/** Kinds of which two objects can turn out to be one. */
export const MERGEABLE = ['worker', 'client', 'project', 'cost-centre'] as const satisfies readonly MasterKind[];
export type MergeableKind = (typeof MERGEABLE)[number];

/** Attributes that name an object of a kind that can be merged, where the dependant itself is what others read. */
export const REFERENCES: readonly { readonly kind: MasterKind; readonly attribute: string; readonly to: MergeableKind }[] = [
  { kind: 'project', attribute: 'client', to: 'client' },
  { kind: 'opportunity', attribute: 'client', to: 'client' },
];

/** A merge that stands, by the codes that the merged object has and had. */
export interface StandingMerge {
  readonly codes: readonly string[];
  readonly into: MergedInto;
}

export type MergeProblem =
  | { readonly kind: 'unknown'; readonly code: string }
  | { readonly kind: 'same' }
  | { readonly kind: 'merged-already'; readonly into: string }
  | { readonly kind: 'circle' };

/** Why two objects cannot be merged, or undefined. `chain`: what `into` itself was merged into, step by step. */
export const mergeProblem = (
  codes: { readonly from: string; readonly into: string },
  from: MasterObject | undefined,
  into: MasterObject | undefined,
  chain: readonly MasterObject[],
): MergeProblem | undefined => {
  if (from === undefined) return { kind: 'unknown', code: codes.from };
  if (into === undefined) return { kind: 'unknown', code: codes.into };
  if (from.id === into.id) return { kind: 'same' };
  if (from.mergedInto !== undefined) return { kind: 'merged-already', into: from.mergedInto.code };
  return chain.some(({ id }) => id === from.id) ? { kind: 'circle' } : undefined;
};

/** A history in which an attribute that names a merged object names the one it was merged into, from that day on. */
export const followMerges = (
  timeline: readonly TimelineSegment[],
  attribute: string,
  merges: readonly StandingMerge[],
): readonly TimelineSegment[] => {
  let followed = timeline;
  // One merged into one that was merged: at most as many steps as there are merges.
  for (let step = 0; step < merges.length; step += 1) {
    const next = merges.reduce((sofar, merge) => followOne(sofar, attribute, merge), followed);
    if (next.every((segment, i) => segment === followed[i])) break;
    followed = next;
  }
  return followed;
};

const followOne = (
  timeline: readonly TimelineSegment[],
  attribute: string,
  { codes, into }: StandingMerge,
): readonly TimelineSegment[] =>
  timeline.flatMap((segment, i) => {
    const value = segment.attributes[attribute];
    const end: WorkDate | undefined = timeline[i + 1] && addDays(timeline[i + 1]!.validFrom, -1);
    if (value === undefined || !codes.includes(value) || (end !== undefined && end < into.validFrom)) return [segment];
    const merged = { validFrom: segment.validFrom, attributes: { ...segment.attributes, [attribute]: into.code } };
    if (segment.validFrom >= into.validFrom) return [merged];
    return [segment, { ...merged, validFrom: into.validFrom }];
  });
