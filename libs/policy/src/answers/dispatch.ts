import type { Feed, Instant } from '@tieout/model';

export type DispatchAnswer =
  /** No `until`: nothing planned that would close it. */
  | { readonly open: true; readonly until?: Instant | undefined }
  /** No `opensAt`: no opening within the next year. */
  | { readonly open: false; readonly why: string; readonly opensAt?: Instant | undefined };

/** By business consequence; see `lane`. */
export const LANES = ['pay-cut-off', 'close', 'billing', 'normal', 'analytics'] as const;
export type Lane = (typeof LANES)[number];

export interface LaneQuestion {
  readonly feed: Feed;
  readonly billable: boolean;
  /** Until the pay cut-off, or until the accounting period closes; absent: no deadline is known. */
  readonly hoursToDeadline?: number | undefined;
}
