import type { Instant, WorkDate } from '@tieout/model';
import type { RunTotals } from '../../domain/preview.js';
import type { RunState } from '../../domain/run-states.js';

/** One pay run: a pay group and period at one destination. */
export interface PayRunRow {
  id: string;
  destination: string;
  payPeriod: string;
  payGroup: string;
  legalEntityId: string;
  startDate: WorkDate;
  endDate: WorkDate;
  payDate: string | null;
  cutOff: Instant;
  state: RunState;
  signedBy: string | null;
  signedAt: Instant | null;
  signedHash: string | null;
  signedTotals: RunTotals | null;
  sentAt: Instant | null;
  acknowledgedAt: Instant | null;
  acknowledgedTotals: RunTotals | null;
  message: string | null;
}

export const PAY_RUN_COLUMNS = `r.id, r.destination, r.pay_period as "payPeriod", r.pay_group as "payGroup", r.legal_entity_id as "legalEntityId",
  r.start_date as "startDate", r.end_date as "endDate", r.pay_date as "payDate", r.cut_off as "cutOff", r.state, r.signed_by as "signedBy",
  r.signed_at as "signedAt", r.signed_hash as "signedHash", r.signed_totals as "signedTotals", r.sent_at as "sentAt",
  r.acknowledged_at as "acknowledgedAt", r.acknowledged_totals as "acknowledgedTotals", r.message`;
