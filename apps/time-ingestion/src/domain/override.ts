import type { Instant, ReasonCode, Refusal } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';

/** A one-off exemption of one entry, approved in governance. */
export interface Override {
  readonly overrideId: string;
  readonly reasons: readonly ReasonCode[];
  readonly validUntil: Instant;
  /** "user:<subject>" */
  readonly approvedBy: string;
}

/** What an override let pass. */
export interface AppliedOverride {
  readonly overrideId: string;
  readonly approvedBy: string;
  readonly reasons: readonly ReasonCode[];
  /** After this instant the same entry would be held. */
  readonly validUntil: Instant;
}

export interface AfterOverride {
  readonly refusals: readonly Refusal[];
  readonly applied: AppliedOverride | undefined;
}

/** Without these nothing can be booked, whoever approves: there is nobody, no amount, no period or no place to book it. */
const NEEDED_TO_BOOK: ReadonlySet<ReasonCode> = new Set([
  'UNKNOWN_WORKER',
  'UNKNOWN_PROJECT',
  'AMBIGUOUS_IDENTITY',
  'MISSING_COST_RATE',
  'MISSING_EXCHANGE_RATE',
  'PERIOD_CLOSED',
  'NO_OPEN_PERIOD',
  'NO_ROUTE',
] satisfies ReasonCode[]);

/** Takes out what the override names, as far as policy lets that reason be waived at all. */
export const waive = (
  refusals: readonly Refusal[],
  override: Override | undefined,
  policy: Pick<CompiledPolicy, 'waivable'>,
  now: Instant,
): AfterOverride => {
  if (override === undefined || Date.parse(now) >= Date.parse(override.validUntil)) return { refusals, applied: undefined };
  const isWaived = ({ reason }: Refusal): boolean =>
    override.reasons.includes(reason) && !NEEDED_TO_BOOK.has(reason) && policy.waivable(reason);
  const reasons = [...new Set(refusals.filter(isWaived).map(({ reason }) => reason))];
  if (reasons.length === 0) return { refusals, applied: undefined };
  const { overrideId, approvedBy, validUntil } = override;
  return {
    refusals: refusals.filter((refusal) => !isWaived(refusal)),
    applied: { overrideId, approvedBy, reasons, validUntil },
  };
};
