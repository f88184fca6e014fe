import type { ConnectionId, MasterKind, MasterObject, TimelineSegment, WorkDate } from '@tieout/model';
import { sameValue } from './drift.js';
import type { OwnerOf } from './merge-records.js';
import { attributesAsOf } from './timeline.js';

/** A value that was sent by a system which may not say it. */
export interface OwnershipViolation {
  readonly attribute: string;
  /** undefined: policy names nobody, so nobody may. */
  readonly owner: ConnectionId | undefined;
  /** The value differs from what stands in master data. Where it does, and the owner speaks, it is drift. */
  readonly differs: boolean;
}

/**
 * What of a record its sender may not say. The code itself is only a name for the object, unless there is none yet: then the sender would
 * create it.
 */
export const ownershipViolations = (
  record: { readonly connection: ConnectionId; readonly timeline: readonly TimelineSegment[] },
  known: MasterObject | undefined,
  kind: MasterKind,
  ownerOf: OwnerOf,
  today: WorkDate,
): OwnershipViolation[] => {
  const sent = attributesAsOf(record.timeline, today);
  const stands = known === undefined ? {} : attributesAsOf(known.timeline, today);
  const entity = entityFor(kind, known, sent['legalEntity'] ?? (kind === 'legal-entity' ? sent['code'] : undefined));
  const attributes = new Set(record.timeline.flatMap((segment) => Object.keys(segment.attributes)));
  attributes.delete('code');
  return [...(known === undefined ? ['code'] : []), ...[...attributes].sort()].flatMap((attribute) => {
    const owner = ownerOf(attribute, entity);
    if (owner === record.connection) return [];
    return [{ attribute, owner, differs: !sameValue(attribute, sent[attribute], stands[attribute]) }];
  });
};

const entityFor = (kind: MasterKind, known: MasterObject | undefined, claimed: string | undefined): string | undefined => {
  if (kind === 'legal-entity') return known?.code ?? claimed;
  return known === undefined ? claimed : known.legalEntityId === 'UNASSIGNED' ? undefined : known.legalEntityId;
};
