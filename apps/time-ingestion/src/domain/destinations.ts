import { refusal, UNASSIGNED, type ConnectionId, type Refusal } from '@tieout/model';
import { postingPeriodFor } from '@tieout/policy';
import type { Facts } from './facts.js';

/** The project's legal entity, where it also keeps a line of this hour: intercompany time that policy books on both sides. */
const otherBooks = ({ project, policy, legalEntityId }: Facts): string | undefined => {
  const entity = project?.attributes.legalEntity;
  const isPair = policy.validation.intercompany === 'due-to-due-from' && entity !== undefined && entity !== legalEntityId;
  return isPair && legalEntityId !== UNASSIGNED ? entity : undefined;
};

/** Every destination of the hour, of all feeds, and the ERP of the other legal entity where that has a line too. */
export const routesOf = (facts: Facts): ConnectionId[] => {
  const { policy, legalEntityId } = facts;
  const other = otherBooks(facts);
  return [...new Set([...policy.routes(legalEntityId), ...(other === undefined ? [] : policy.feedRoutes('posting', other))])];
};

/** Each legal entity in whose books the hour gets a line needs an ERP and a period that takes it. */
export function* destinationRefusals(facts: Facts): Generator<Refusal> {
  const { subject, master, policy, legalEntityId } = facts;
  if (legalEntityId === UNASSIGNED) return;
  const { workDate } = subject.content;
  for (const entity of [legalEntityId, otherBooks(facts)]) {
    if (entity === undefined) continue;
    if (policy.feedRoutes('posting', entity).length === 0)
      yield refusal('NO_ROUTE', `legal-entity:${entity}`, `policy names no ERP for ${entity}`);
    const period = postingPeriodFor({
      periods: master.periods(entity),
      workDate,
      correction: subject.correction,
      calendar: policy.calendar,
    });
    if (period.kind === 'refused')
      yield refusal(period.reason, `period:${entity}:${period.period ?? workDate.slice(0, 7)}`, period.detail);
  }
}
