import { refusal, UNASSIGNED, type Refusal } from '@tieout/model';
import type { Facts } from './facts.js';

/** Each legal entity in whose books the hour gets a line needs an ERP and a period that takes it. */
export const refuseDestinations = (facts: Facts, refusals: Refusal[]): void => {
  if (facts.legalEntityId === UNASSIGNED) return;
  refuseBooks(facts, facts.legalEntityId, refusals);
  if (facts.otherBooks !== undefined) refuseBooks(facts, facts.otherBooks, refusals);
};

const refuseBooks = ({ subject, master, run }: Facts, legalEntityId: string, refusals: Refusal[]): void => {
  if (!run.hasErp(legalEntityId))
    refusals.push(refusal('NO_ROUTE', `legal-entity:${legalEntityId}`, `policy names no ERP for ${legalEntityId}`));
  const { workDate } = subject.content;
  const region = master.on('legal-entity', legalEntityId, workDate)?.attributes.region;
  const period = run.period(master, { legalEntityId, region }, subject);
  if (period.kind === 'refused')
    refusals.push(refusal(period.reason, `period:${legalEntityId}:${period.period ?? workDate.slice(0, 7)}`, period.detail));
};
