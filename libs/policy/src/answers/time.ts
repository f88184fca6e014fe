import type { Approval, DecimalString, TimeEntryContent } from '@tieout/model';

export type MappedTime =
  | { readonly ok: true; readonly content: TimeEntryContent; readonly approval: Approval | undefined }
  | { readonly ok: false; readonly where: string; readonly why: string };

/** Where an hour belongs: the legal entity that employs the person, and the region. What is not known does not narrow the rule. */
export interface Where {
  readonly legalEntityId?: string | undefined;
  readonly region?: string | undefined;
}

/** `rights`: those whom master data gives an approver-right for the legal entity, the project or the worker. */
export type Approvers = 'anyone' | 'rights' | { readonly codes: readonly string[] };

/** What approved time of one legal entity and region must satisfy; firm-wide rules with the overlays of both. */
export interface ValidationRules {
  readonly hoursPerEntry: { readonly min: DecimalString; readonly max: DecimalString };
  readonly dailyLimitHours: DecimalString;
  readonly selfApproval: 'barred' | 'allowed';
  readonly approvers: Approvers;
  readonly projectGraceDays: number;
  /** ISO 8601 duration: how long an unknown key may be on its way before the entry is held. */
  readonly unknownKeyGrace: string;
  readonly unknownKeyGraceMs: number;
  /** `allow-labour-cost`: booked where the person is employed, no more. `due-to-due-from`: and between the two legal entities. */
  readonly intercompany: 'hold' | 'allow-labour-cost' | 'due-to-due-from';
  readonly requireTask: boolean;
  readonly requirePayCode: boolean;
  readonly overlap: 'hold' | 'ignore';
}

/** Late time in the books of one legal entity and region. */
export interface CalendarRules {
  readonly lateOriginals: 'hold' | 'first-open-period';
  readonly lateCorrections: 'hold' | 'first-open-period';
  readonly closingTakes: readonly ('correction' | 'late-approval')[];
}

export const RATE_DATES = ['work-date', 'posting-date'] as const;
/** `posting-date`: the first day of the accounting period into which the hour is booked, where that is not the one of its work date. */
export type RateDate = (typeof RATE_DATES)[number];

export interface RateRules {
  readonly costRateDate: RateDate;
  readonly billRateDate: RateDate;
  /** On which day the code of a project must be valid, and is resolved. */
  readonly projectCodeDate: RateDate;
  readonly amountCurrency: 'legal-entity' | 'rate';
}
