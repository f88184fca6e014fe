import type { Instant } from '@tieout/model';
import { refused, type Decision } from '../refusal.js';
import type { PolicyFile } from './unified-diff.js';

/** What one environment says of a bundle that was approved and active there. Signed as `policy-promotion`. */
export interface PromotionStatement {
  readonly environment: string;
  readonly bundleId: string;
  readonly digest: string;
  readonly files: readonly PolicyFile[];
  /** Whoever wrote or proposed it, there or before. */
  readonly authors: readonly string[];
  readonly approvals: readonly { readonly actor: string; readonly role: string; readonly at: Instant }[];
  readonly revision: number;
  readonly activatedAt: Instant;
  readonly issuedAt: Instant;
}

/** A certificate may be this much ahead of us before its clock counts as wrong. */
const AHEAD_TOLERANCE_MS = 300_000;

export interface PromotionChecks {
  /** The environment before this one; undefined: bundles are written here. */
  readonly promotesFrom: string | undefined;
  readonly signatureHolds: boolean;
  /** Digest of the files as we compile them; undefined: they do not compile. */
  readonly recomputedDigest: string | undefined;
  readonly at: Instant;
}

/** Whether the certificate may become a proposal here. */
export const checkPromotion = (
  statement: PromotionStatement,
  { promotesFrom, signatureHolds, recomputedDigest, at }: PromotionChecks,
): Decision<PromotionStatement> => {
  if (promotesFrom === undefined)
    return no(
      'This environment takes no promotions: PROMOTES_FROM is not set.',
      'Propose the bundle here, or promote it elsewhere.',
    );
  if (statement.environment !== promotesFrom)
    return no(
      `The certificate is of "${statement.environment}"; promotions come from "${promotesFrom}".`,
      `Have it active in ${promotesFrom} first, and fetch the certificate there.`,
    );
  if (!signatureHolds)
    return no(
      'The signature is not that of a key in PROMOTION_KEYS over exactly this certificate.',
      `Fetch it anew from ${promotesFrom} and send it unchanged; if that does not help, ask the platform team for the keys.`,
    );
  const newest = Math.max(...[statement.issuedAt, statement.activatedAt].map((instant) => Date.parse(instant)));
  if (newest > Date.parse(at) + AHEAD_TOLERANCE_MS)
    return no(
      `The certificate lies in the future (issued at ${statement.issuedAt}; it is ${at} here).`,
      `The clock of ${promotesFrom} or of this service is wrong: have it set, and fetch the certificate anew.`,
    );
  if (statement.approvals.length === 0)
    return no(`Nobody approved it in ${promotesFrom}.`, `Propose it there and have it approved and activated.`);
  // What does not compile is told line by line by whoever compiled it.
  if (recomputedDigest !== undefined && recomputedDigest !== statement.digest)
    return no(
      'The digest of its files is another here than in the certificate.',
      `Deploy the same build of governance here as in ${promotesFrom}.`,
    );
  return { ok: true, value: statement };
};

const no = (detail: string, whatToDo: string) => refused('promotion-refused', detail, whatToDo);
