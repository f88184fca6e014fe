import type { CorrectionStyle } from '@tieout/delivery';
import type { PostingProtocol } from '@tieout/connector-kit';

/** Everything that happens to the engine in one seed. Data, so that a failing one can be cut down action by action. */
export interface Script {
  readonly seed: number;
  /** `reverse`: the ERP's feed. `adjust`: payroll's. */
  readonly correction: CorrectionStyle;
  readonly replicas: readonly ReplicaScript[];
  readonly destinations: readonly DestinationScript[];
  readonly entries: readonly EntryScript[];
  readonly closings: readonly Closing[];
  readonly mischief: readonly Mischief[];
  /** Somebody has a part of the ledger gone through again. */
  readonly replays: readonly ReplayScript[];
  /** Payroll signs documents before they go. */
  readonly signed: boolean;
  /** From now on the world behaves. */
  readonly healMs: number;
  /** Whether the cause of refused lines is mended at the end, so that a person retries them. */
  readonly mended: boolean;
}

export interface ReplicaScript {
  /** How wrong the process's clock is. */
  readonly skewMs: number;
}

export interface DestinationScript {
  readonly id: string;
  readonly protocol: PostingProtocol;
  readonly maxLines: number;
  readonly slots: number;
  readonly partial: boolean;
  /** A refusal of the whole names the bad lines. */
  readonly namesLines: boolean;
  readonly answersLater: boolean;
  /** Takes the key and ignores it (F04). */
  readonly keyIgnored: boolean;
  readonly requestTimeoutMs: number;
  /** After the deadline a request may still take effect for so long. */
  readonly lateMs: number;
  readonly readLagMs: number;
  readonly summarised: boolean;
}

export interface EntryScript {
  readonly entry: number;
  readonly releases: readonly ReleaseScript[];
}

export interface ReleaseScript {
  readonly atMs: number;
  /** Null: withdrawn. */
  readonly content: ContentScript | null;
  /** How long each copy of the message travels; none: lost, and sent again by the completeness sweep. */
  readonly arrivals: readonly number[];
}

export interface ContentScript {
  readonly workDate: string;
  readonly hours: string;
  readonly amount: string;
  /** `BAD`: the destination refuses it. */
  readonly project: string;
  readonly payCode: string;
  readonly intercompany: boolean;
  /** Beside it a line that reverses itself in the last period. */
  readonly accrued: boolean;
  /** Indices of destinations. */
  readonly routes: readonly number[];
}

export type ReplayScript = { readonly atMs: number } & ({ readonly entry: number } | { readonly destination: number });

export interface Closing {
  readonly period: string;
  readonly atMs: number;
  /** When we hear of it; may be before. */
  readonly toldAtMs: number;
  readonly reopensAtMs: number | undefined;
}

/** Where a process may be interrupted: around a transaction, around a request, at a timer, when its share of a budget is renewed. */
export const POINTS = ['begin', 'commit', 'committed', 'leave', 'left', 'answer', 'timer', 'beat'] as const;
export type Point = (typeof POINTS)[number];

export const WRITE_FAULTS = [
  'request-lost',
  'answer-lost',
  'late-effect',
  'cut-before-effect',
  'cut-after-effect',
  'nothing-written',
  'garbled-answer',
  'throttled',
  'refused',
  'credentials-rejected',
  'twice',
] as const;
export type WriteFault = (typeof WRITE_FAULTS)[number];

export type Mischief =
  | { readonly kind: 'crash'; readonly replica: number; readonly point: Point; readonly nth: number; readonly forMs: number }
  | { readonly kind: 'pause'; readonly replica: number; readonly point: Point; readonly nth: number; readonly forMs: number }
  | { readonly kind: 'database'; readonly replica: number; readonly nth: number; readonly fault: 'refused' | 'answer-lost' }
  | { readonly kind: 'write'; readonly destination: number; readonly nth: number; readonly fault: WriteFault }
  | { readonly kind: 'read'; readonly destination: number; readonly nth: number; readonly fault: 'refused' | 'answer-lost' }
  | {
      readonly kind: 'outage';
      readonly destination: number;
      readonly fromMs: number;
      readonly toMs: number;
      readonly silent: boolean;
    };
