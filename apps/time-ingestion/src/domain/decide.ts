import type { Instant, RatedAmount, Refusal, ReleasedContent } from '@tieout/model';
import { contentHash } from '@tieout/model';
import type { Verdict } from './assess.js';

/** Where an entry stands with policy. */
export const VERDICTS = ['none', 'waiting', 'released', 'held', 'withdrawn'] as const;
export type VerdictState = (typeof VERDICTS)[number];

/** What is remembered of past verdicts. */
export interface Standing {
  readonly verdict: VerdictState;
  /** Last release number used, 0 before the first. */
  readonly releaseNo: number;
  /** Last decision number used. */
  readonly decisionNo: number;
  /** Version and content hash of the release that stands; null when nothing stands. */
  readonly released: { readonly versionNo: number; readonly contentHash: string } | null;
  /** Hash of the refusals last told, null unless held. */
  readonly refusalsHash: string | null;
}

export const NOTHING_YET: Standing = { verdict: 'none', releaseNo: 0, decisionNo: 0, released: null, refusalsHash: null };

/** What the source says of the current version. */
export type Subject =
  | { readonly kind: 'approved'; readonly versionNo: number; readonly verdict: Verdict }
  | { readonly kind: 'not-approved'; readonly cause: 'unapproved' | 'deleted' };

export type Decision =
  | { readonly kind: 'released'; readonly decisionNo: number; readonly releaseNo: number; readonly content: ReleasedContent }
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
    };

export interface Decided {
  readonly standing: Standing;
  /** To be told, in order. Empty: nothing new. */
  readonly decisions: readonly Decision[];
  readonly reassessAt: Instant | undefined;
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
        standing: { ...standing, verdict: standing.released ? standing.verdict : 'waiting' },
        decisions: [],
        reassessAt: verdict.until,
      };
    case 'released':
      return release(standing, versionNo, verdict.content);
    case 'held':
      return hold(standing, versionNo, verdict);
  }
};

const withdraw = (standing: Standing, cause: 'unapproved' | 'deleted' | 'held', tell: boolean): Decided => {
  if (!tell)
    return {
      standing: { ...standing, verdict: standing.verdict === 'waiting' ? 'none' : standing.verdict },
      decisions: [],
      reassessAt: undefined,
    };
  const decisionNo = standing.decisionNo + 1;
  const releaseNo = standing.releaseNo + 1;
  return {
    standing: { verdict: 'withdrawn', releaseNo, decisionNo, released: null, refusalsHash: null },
    decisions: [{ kind: 'withdrawn', decisionNo, releaseNo, cause }],
    reassessAt: undefined,
  };
};

const release = (standing: Standing, versionNo: number, content: ReleasedContent): Decided => {
  // Approved once more, at another hour, is nothing that anybody would have to book.
  const hash = contentHash({ ...content, approvedAt: undefined });
  const released = { versionNo, contentHash: hash };
  if (standing.released?.contentHash === hash)
    return { standing: { ...standing, verdict: 'released', released }, decisions: [], reassessAt: undefined };
  const decisionNo = standing.decisionNo + 1;
  const releaseNo = standing.releaseNo + 1;
  return {
    standing: { verdict: 'released', releaseNo, decisionNo, released, refusalsHash: null },
    decisions: [{ kind: 'released', decisionNo, releaseNo, content }],
    reassessAt: undefined,
  };
};

const hold = (standing: Standing, versionNo: number, verdict: Extract<Verdict, { kind: 'held' }>): Decided => {
  const { refusals, cost, reassessAt } = verdict;
  if (standing.released?.versionNo === versionNo) return { standing, decisions: [], reassessAt: undefined };
  const hash = contentHash([refusals, cost ?? null, versionNo]);
  if (standing.released === null && standing.refusalsHash === hash)
    return { standing: { ...standing, verdict: 'held' }, decisions: [], reassessAt };
  const withdrawn = withdraw(standing, 'held', standing.released !== null);
  const decisionNo = withdrawn.standing.decisionNo + 1;
  return {
    standing: { ...withdrawn.standing, verdict: 'held', decisionNo, refusalsHash: hash },
    decisions: [...withdrawn.decisions, { kind: 'held', decisionNo, refusals, cost }],
    reassessAt,
  };
};
