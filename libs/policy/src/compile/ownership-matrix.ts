import { MASTER_KINDS } from '@tieout/model';
import { attributesOf } from '../bundle/master-attributes.js';
import type { Bundle } from '../bundle/schemas.js';
import type { CompiledPolicy, OwnershipRow } from '../compiled-policy.js';

/** Time and approvals belong to the system in which they were recorded, whichever that is. */
const OF_TIME = ['time-entry', 'approval'] as const;
const BOOKED = [
  ['posting', 'journal-line'],
  ['payroll', 'pay-line'],
] as const;

export const compileOwnershipMatrix =
  (
    bundle: Bundle,
    { systemOfRecord, feedRoutes }: Pick<CompiledPolicy, 'systemOfRecord' | 'feedRoutes'>,
  ): CompiledPolicy['ownershipMatrix'] =>
  (legalEntities) => {
    const rows: OwnershipRow[] = [];
    const counting = (ids: readonly string[]): string[] => ids.filter((id) => !bundle['routing.yaml'].shadows.includes(id));
    /** The firm's line, then those of legal entities that differ. */
    const add = (kind: string, attribute: string, ownerIn: (legalEntityId: string) => string | undefined): void => {
      const everywhere = ownerIn('');
      if (everywhere !== undefined) rows.push({ kind, attribute, legalEntityId: '*', owner: everywhere });
      for (const legalEntityId of legalEntities) {
        const owner = ownerIn(legalEntityId);
        if (owner !== everywhere) rows.push({ kind, attribute, legalEntityId, owner: owner ?? NOBODY });
      }
    };
    for (const kind of MASTER_KINDS)
      for (const attribute of attributesOf(kind)) add(kind, attribute, (entity) => systemOfRecord(kind, attribute, entity));
    for (const kind of OF_TIME)
      for (const [id, { roles }] of Object.entries(bundle['connections.yaml'].connections))
        if (roles.includes('time')) add(kind, `recorded in ${id}`, () => id);
    for (const [feed, attribute] of BOOKED)
      add('financial-posting', attribute, (entity) => counting(feedRoutes(feed, entity)).join(', ') || undefined);
    return rows;
  };

const NOBODY = 'nobody';
