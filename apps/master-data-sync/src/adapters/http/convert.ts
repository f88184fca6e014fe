import { MASTER_KINDS, type MasterKind } from '@tieout/model';
import { Problem } from '@tieout/service-kit';

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
