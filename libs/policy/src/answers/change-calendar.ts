import type { Instant } from '@tieout/model';

/** What a calendar can stop. */
export const BLOCKABLE = ['dispatch', 'deployments', 'activations', 'promotions', 'mappings'] as const;
export type Blockable = (typeof BLOCKABLE)[number];

/** `activation`: of a bundle. `mapping`: of a bundle that changes a mapping. `promotion`: of a bundle into this environment. */
export const CHANGES = ['deployment', 'activation', 'promotion', 'mapping'] as const;
export type Change = (typeof CHANGES)[number];

export const CALENDAR_KINDS = ['close', 'payroll', 'change-window', 'freeze', 'holiday'] as const;
export type CalendarKind = (typeof CALENDAR_KINDS)[number];

/**
 * Without a legal entity and a region the change concerns everybody, and whatever blocks anybody blocks it. With one of the two, what
 * is told by the other blocks too: nothing here knows which region a legal entity is in.
 */
export interface ChangeQuestion {
  readonly change: Change;
  readonly at: Instant;
  /** Name of a service, for deployments. */
  readonly service?: string | undefined;
  readonly environment: string;
  readonly legalEntityId?: string | undefined;
  readonly region?: string | undefined;
}

export type ChangeAnswer =
  /** No `until`: nothing within a year. */
  | { readonly allowed: true; readonly until?: Instant | undefined }
  /** No `opensAt`: not within a year. */
  | { readonly allowed: false; readonly why: string; readonly opensAt?: Instant | undefined; readonly blockedBy: CalendarKind };

/** One entry of the calendar on its dates; half-open. */
export interface CalendarSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly kind: CalendarKind;
  readonly name: string;
  readonly legalEntities?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly blocks: readonly Blockable[];
}
