import type { ListItem } from '../kit/list-store.js';

/** The pipeline. A deal that was closed may be opened again: salespeople correct themselves. */
export const STAGES = ['Prospecting', 'Negotiation', 'Closed Won', 'Closed Lost'] as const;
export type Stage = (typeof STAGES)[number];
export const isStage = (value: unknown): value is Stage => STAGES.includes(value as Stage);

/** A deal in the CRM's own words, as far as anything here depends on them; everything else stays as it was entered. */
export interface Deal extends ListItem {
  readonly dealNo: string;
  readonly title: string;
  readonly stage: Stage;
  readonly wonOn?: string;
  /** Number of the account. */
  readonly account?: string;
  readonly company?: string;
  /** Code that the engagement shall have in the other systems. */
  readonly engagementCode?: string;
  /** Billing terms: "T&M", "Milestones", "Internal". */
  readonly terms?: string;
  readonly plannedHours?: string;
  readonly plannedCost?: string;
  readonly currency?: string;
  readonly startsOn?: string;
  readonly endsOn?: string;
  /** Employee number of the engagement's manager. */
  readonly manager?: string;
}

/** The day on which it was won is kept only while it is won. */
export const moveDeal = (deal: ListItem, stage: Stage, on: string): ListItem => {
  const { wonOn: _wonOn, ...open } = deal;
  return { ...open, stage, ...(stage === 'Closed Won' && { wonOn: on }) };
};
