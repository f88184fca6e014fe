export interface SweepReading {
  readonly keys: ReadonlySet<string>;
  /** What the source says the window holds, where it says. */
  readonly total: number | undefined;
}

export type SweepVerdict =
  | { readonly kind: 'complete'; readonly missing: readonly string[] }
  /** Half-read or suspicious: nothing may be taken as deleted. */
  | { readonly kind: 'incomplete'; readonly why: string };

export interface MassDeletionLimit {
  readonly share: number;
  readonly count: number;
}

/**
 * Which of the entries that we know no longer exist at the source. The guards keep a half-read page set, or a wrong key answered with an
 * empty list, from looking like a mass deletion.
 */
export const judgeSweep = (known: readonly string[], reading: SweepReading, limit: MassDeletionLimit): SweepVerdict => {
  if (reading.total !== undefined && reading.total !== reading.keys.size)
    return { kind: 'incomplete', why: `the source announced ${reading.total} records and gave ${reading.keys.size}` };
  const missing = known.filter((key) => !reading.keys.has(key));
  if (missing.length > limit.count && missing.length > known.length * limit.share)
    return {
      kind: 'incomplete',
      why: `${missing.length} of ${known.length} known records are gone at once; policy takes at most ${limit.count} or ${limit.share * 100} % for real`,
    };
  return { kind: 'complete', missing };
};
