import { MASTER_KINDS, type ConnectionId, type MasterKind } from '@tieout/model';
import { Problem } from '@tieout/service-kit';
import { MERGEABLE, type MergeableKind, type MergeProblem } from '../../domain/merge-decisions.js';

/** @throws Problem 404 */
export const toKind = (text: string): MasterKind => {
  const kind = MASTER_KINDS.find((known) => known === text);
  if (kind) return kind;
  throw new Problem(
    404,
    'unknown-kind',
    'No such kind of master data',
    `"${text}" is not a kind of master data.`,
    `Use one of ${MASTER_KINDS.join(', ')}.`,
  );
};

/** @throws Problem 409 */
export const toMergeable = (text: string): MergeableKind => {
  const kind = MERGEABLE.find((known) => known === toKind(text));
  if (kind) return kind;
  throw new Problem(
    409,
    'not-mergeable',
    'Objects of this kind are not merged',
    `A ${text} is not merged into another here.`,
    `Kinds that can be: ${MERGEABLE.join(', ')}. Of the others the source makes one.`,
  );
};

export const notFound = (kind: MasterKind, code: string): Problem =>
  new Problem(
    404,
    'unknown-code',
    'Not found',
    `No ${kind} has the code "${code}".`,
    'Check the code; if it is new at its source, look at GET /sync for the last synchronisation.',
  );

export const notOurs = (
  what: { readonly kind: MasterKind; readonly code: string; readonly attribute: string },
  owner: ConnectionId | undefined,
): Problem => {
  const { kind, code, attribute } = what;
  const title = 'Master data is not changed here';
  if (owner === undefined)
    return new Problem(
      409,
      'ownership-violation',
      title,
      `Policy names no system of record for ${attribute} of ${kind}, so nobody may say it.`,
      'Name one in systems-of-record.yaml of the policy bundle; GET /ownership-matrix shows what is named.',
    );
  return new Problem(
    409,
    'ownership-violation',
    title,
    `The system of record for ${attribute} of ${kind} ${code} is ${owner}.`,
    `Change it in ${owner}; it comes across with the next synchronisation (POST /sync to have it at once).`,
  );
};

export const mergeRefused = (problem: MergeProblem | { readonly kind: 'not-merged' }, from: string): Problem => {
  const refused = (status: number, code: string, detail: string, whatToDo: string): Problem =>
    new Problem(status, code, 'The objects were not merged', detail, whatToDo);
  switch (problem.kind) {
    case 'unknown':
      return refused(
        404,
        'unknown-code',
        `Not exactly one object has the code "${problem.code}".`,
        'Use the code that it has now.',
      );
    case 'same':
      return refused(409, 'same-object', 'Both codes are of the same object.', 'Name two objects.');
    case 'merged-already':
      return refused(
        409,
        'merged-already',
        `${from} is merged into ${problem.into}.`,
        'Undo that first: POST /master/{kind}/unmerge.',
      );
    case 'circle':
      return refused(
        409,
        'merge-circle',
        `The other one is merged into ${from} itself.`,
        'Merge the other way round, or undo that first.',
      );
    case 'not-merged':
      return refused(409, 'not-merged', `${from} is not merged into another object.`, 'Nothing is to be undone.');
  }
};
