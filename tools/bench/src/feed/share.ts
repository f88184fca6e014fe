/** What the ERP had seen at a moment. */
export interface Sample {
  readonly atMs: number;
  /** Since its start. */
  readonly requests: number;
  /** Of these, refused because of a limit. */
  readonly limited: number;
  /** At this moment. */
  readonly running: number;
}

/** Requests taken, of those that the rate would have allowed. @throws RangeError for fewer than two samples */
export const rateShare =
  (perSecond: number) =>
  (samples: readonly Sample[]): number => {
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined || first === last) throw new RangeError('two samples are needed');
    const taken = last.requests - last.limited - (first.requests - first.limited);
    return taken / ((perSecond * (last.atMs - first.atMs)) / 1_000);
  };

/** Slots in use on average. */
export const slotShare =
  (slots: number) =>
  (samples: readonly Sample[]): number =>
    samples.reduce((sum, { running }) => sum + running, 0) / samples.length / slots;

const STRETCH_MS = 5_000;

/** Seconds from the first sample until the first stretch of five seconds with at least that share begins; undefined when there is none. */
export const backAfterSeconds = (
  samples: readonly Sample[],
  share: (samples: readonly Sample[]) => number,
  aim: number,
): number | undefined => {
  const begin = samples[0];
  if (begin === undefined) return undefined;
  for (const [index, { atMs }] of samples.entries()) {
    const end = samples.findIndex((sample) => sample.atMs >= atMs + STRETCH_MS);
    if (end === -1) return undefined;
    if (share(samples.slice(index, end + 1)) >= aim) return (atMs - begin.atMs) / 1_000;
  }
  return undefined;
};
