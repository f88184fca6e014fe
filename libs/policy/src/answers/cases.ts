import type { CurrencyCode, DecimalString, ReasonCode } from '@tieout/model';

export const SEVERITIES = ['critical', 'high', 'normal', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface SeverityQuestion {
  readonly reason: ReasonCode;
  readonly hours: DecimalString;
  readonly amount?: DecimalString;
  readonly currency?: CurrencyCode;
  readonly hoursToCutOff?: number;
}
