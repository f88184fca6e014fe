/** What one process was granted of a connection's slots. Times are milliseconds of the database's clock. */
export interface Share {
  readonly instance: string;
  /** Rises with each start of the process: the newer life takes over the older one's grant, whose sockets are closed. */
  readonly life: number;
  /** Rises with each beat: a beat that was delayed on its way must not undo a later one. */
  readonly beatNo: number;
  readonly slots: number;
  readonly beatAtMs: number;
  /** How long after its last beat requests may still be under way. */
  readonly keepMs: number;
  /** Stopped: takes no part in the sharing, but keeps what it still uses. */
  readonly left: boolean;
}

export interface Beat {
  readonly instance: string;
  /** Undefined: the process starts. */
  readonly life: number | undefined;
  readonly beatNo: number;
  /** The process promises to use no more than these until it has the answer. */
  readonly holds: number;
  /** Slots of the connection for all replicas together. */
  readonly limit: number;
  readonly keepMs: number;
}

export type BeatVerdict =
  | {
      readonly kind: 'granted';
      readonly share: Share;
      /** Its fair share: to use no more than this is how it makes room for others. */
      readonly target: number;
      readonly replicas: number;
    }
  /** A newer life of the same instance has it all. */
  | { readonly kind: 'lost' };

/** A process that did not beat for so long takes no part in the sharing. Its grant stays until nothing of it can be under way. */
export const LIVE_MS = 3_000;

const kept = (share: Share, nowMs: number): number => (nowMs < share.beatAtMs + share.keepMs ? share.slots : 0);

/**
 * The grant of one process. It shrinks only to what the process says it holds, and grows only into what no unexpired grant covers, so the
 * sum of grants never exceeds the limit. Call it with all shares of the connection locked.
 */
export const grant = (shares: readonly Share[], beat: Beat, nowMs: number): BeatVerdict => {
  const mine = shares.find((share) => share.instance === beat.instance);
  if (beat.life !== undefined && mine !== undefined && outdated(mine, beat)) return { kind: 'lost' };
  const starts = beat.life === undefined;
  const others = shares.filter((share) => share.instance !== beat.instance);
  const taken = others.reduce((sum, share) => sum + kept(share, nowMs), 0);
  const live = [
    beat.instance,
    ...others.filter((share) => !share.left && nowMs - share.beatAtMs <= LIVE_MS).map((share) => share.instance),
  ].sort();
  const target = fairShare(beat.limit, live.length, live.indexOf(beat.instance));
  const had = mine === undefined ? 0 : kept(mine, nowMs);
  const held = starts ? had : Math.min(had, beat.holds);
  return {
    kind: 'granted',
    target,
    replicas: live.length,
    share: {
      instance: beat.instance,
      // After a restore the table may know an older life, or none: the process still is what it was.
      life: beat.life ?? (mine?.life ?? 0) + 1,
      beatNo: beat.beatNo,
      slots: Math.max(held, Math.min(target, beat.limit - taken)),
      beatAtMs: nowMs,
      keepMs: beat.keepMs,
      left: false,
    },
  };
};

/** The process stops. What it still uses stays reserved as long as it may be under way. */
export const leave = (share: Share, holds: number): Share => ({ ...share, slots: Math.min(share.slots, holds), left: true });

const outdated = (mine: Share, beat: Beat): boolean =>
  mine.life > beat.life! || (mine.life === beat.life && mine.beatNo >= beat.beatNo);

/** The remainder goes to the first in the order of their names, so that everyone reckons the same. */
const fairShare = (limit: number, replicas: number, place: number): number =>
  Math.floor(limit / replicas) + (place < limit % replicas ? 1 : 0);
