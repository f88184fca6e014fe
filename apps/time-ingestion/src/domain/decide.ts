import { contentHash, type Instant, type RatedAmount, type Refusal, type ReleasedContent, type WorkDate } from '@tieout/model';
import type { Verdict } from './assess.js';
import type { AppliedOverride } from './override.js';

/** Where an entry stands with policy. */
export const VERDICTS = ['none', 'waiting', 'released', 'held', 'withdrawn'] as const;
export type VerdictState = (typeof VERDICTS)[number];

/** What is remembered of the release that stands. */
export interface StandingRelease {
  readonly versionNo: number;
  readonly contentHash: string;
  /** Of the content without its amounts: equal, while the other differs, when nothing but a rate changed. Null: told before this was kept. */
  readonly unratedHash: string | null;
  readonly postingDate: WorkDate | null;
}

/** What is remembered of past verdicts. */
export interface Standing {
  readonly verdict: VerdictState;
  /** Last release number used, 0 before the first. */
  readonly releaseNo: number;
  /** Last decision number used. */
  readonly decisionNo: number;
  /** Null when nothing stands. */
  readonly released: StandingRelease | null;
  /** Hash of the refusals last told, null unless held. */
  readonly refusalsHash: string | null;
}

export const NOTHING_YET: Standing = { verdict: 'none', releaseNo: 0, decisionNo: 0, released: null, refusalsHash: null };

/** What the source says of the current version. */
export type Subject =
  | {
      readonly kind: 'approved';
      readonly versionNo: number;
      readonly verdict: Verdict;
      /**
       * Whether a release of which only the amounts differ takes the place of the one that stands. `unknown`: policy corrects only what
       * was not sent yet, and nobody has said so far whether this was.
       */
      readonly ratesAnew: 'yes' | 'no' | 'unknown';
    }
  | { readonly kind: 'not-approved'; readonly cause: 'unapproved' | 'deleted' };

export type Decision =
  | {
      readonly kind: 'released';
      readonly decisionNo: number;
      readonly releaseNo: number;
      readonly content: ReleasedContent;
      readonly override: AppliedOverride | undefined;
    }
  | {
      readonly kind: 'withdrawn';
      readonly decisionNo: number;
      readonly releaseNo: number;
      readonly cause: 'unapproved' | 'deleted' | 'held';
    }
  | {
      readonly kind: 'held';
      readonly decisionNo: number;
      readonly refusals: readonly Refusal[];
      readonly cost: RatedAmount | undefined;
      readonly override: AppliedOverride | undefined;
    };

export interface Decided {
  readonly standing: Standing;
  /** To be told, in order. Empty: nothing new. */
  readonly decisions: readonly Decision[];
  readonly reassessAt: Instant | undefined;
  /** Only rates changed, and whether that counts depends on whether the release was sent: find out and decide again. */
  readonly asksWhetherSent: boolean;
}

/**
 * Compares the verdict with what was told before. A release stands until the version changes or the released content does; the same
 * version that policy would hold by now keeps its release, because a period that closes later must not pull back what was posted.
 */
export const decide = (standing: Standing, subject: Subject): Decided => {
  if (subject.kind === 'not-approved')
    // Also while a newer version waits for an unknown key: the refusals that were told last stand until something takes them back.
    return withdraw(standing, subject.cause, standing.released !== null || standing.refusalsHash !== null);
  const { verdict, versionNo } = subject;
  switch (verdict.kind) {
    case 'waiting':
      return {
        ...NOTHING_TO_TELL,
        standing: { ...standing, verdict: standing.released ? standing.verdict : 'waiting' },
        reassessAt: verdict.until,
      };
    case 'released':
      return release(standing, subject, verdict);
    case 'held':
      return hold(standing, versionNo, verdict);
  }
};

const withdraw = (standing: Standing, cause: 'unapproved' | 'deleted' | 'held', tell: boolean): Decided => {
  if (!tell)
    return {
      ...NOTHING_TO_TELL,
      standing: { ...standing, verdict: standing.verdict === 'waiting' ? 'none' : standing.verdict },
    };
  const decisionNo = standing.decisionNo + 1;
  const releaseNo = standing.releaseNo + 1;
  return {
    ...NOTHING_TO_TELL,
    standing: { verdict: 'withdrawn', releaseNo, decisionNo, released: null, refusalsHash: null },
    decisions: [{ kind: 'withdrawn', decisionNo, releaseNo, cause }],
  };
};

const release = (
  standing: Standing,
  { versionNo, ratesAnew }: Extract<Subject, { kind: 'approved' }>,
  { content, postingDate, override }: Extract<Verdict, { kind: 'released' }>,
): Decided => {
  const before = standing.released;
  // Approved once more, at another hour, is nothing that anybody would have to book.
  const hash = contentHash({ ...content, approvedAt: undefined });
  if (before?.contentHash === hash) return stands(standing, { ...before, versionNo });
  const unratedHash = contentHash({ ...content, approvedAt: undefined, cost: undefined, bill: undefined });
  if (before?.unratedHash === unratedHash && ratesAnew !== 'yes')
    return { ...stands(standing, { ...before, versionNo }), asksWhetherSent: ratesAnew === 'unknown' };
  const decisionNo = standing.decisionNo + 1;
  const releaseNo = standing.releaseNo + 1;
  const released = { versionNo, contentHash: hash, unratedHash, postingDate };
  return {
    ...NOTHING_TO_TELL,
    standing: { verdict: 'released', releaseNo, decisionNo, released, refusalsHash: null },
    decisions: [{ kind: 'released', decisionNo, releaseNo, content, override }],
  };
};

const NOTHING_TO_TELL = { decisions: [], reassessAt: undefined, asksWhetherSent: false } as const;

const stands = (standing: Standing, released: StandingRelease): Decided => ({
  ...NOTHING_TO_TELL,
  standing: { ...standing, verdict: 'released', released },
});

const hold = (standing: Standing, versionNo: number, verdict: Extract<Verdict, { kind: 'held' }>): Decided => {
  const { refusals, cost, override, reassessAt } = verdict;
  if (standing.released?.versionNo === versionNo) return { ...NOTHING_TO_TELL, standing };
  const hash = contentHash([refusals, cost ?? null, versionNo]);
  if (standing.released === null && standing.refusalsHash === hash)
    return { ...NOTHING_TO_TELL, standing: { ...standing, verdict: 'held' }, reassessAt };
  const withdrawn = withdraw(standing, 'held', standing.released !== null);
  const decisionNo = withdrawn.standing.decisionNo + 1;
  return {
    ...NOTHING_TO_TELL,
    standing: { ...withdrawn.standing, verdict: 'held', decisionNo, refusalsHash: hash },
    decisions: [...withdrawn.decisions, { kind: 'held', decisionNo, refusals, cost, override }],
    reassessAt,
  };
};
