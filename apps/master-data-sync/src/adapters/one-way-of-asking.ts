import type { EmployeeLookUpV1 } from '@tieout/contracts';
import { Problem } from '@tieout/service-kit';

/** Two ways could mean two people. @throws Problem 400 */
export const oneWayOfAsking = ({ code, userName, connection, externalId }: EmployeeLookUpV1): void => {
  const byReference = connection !== undefined && externalId !== undefined;
  const half = (connection !== undefined) !== (externalId !== undefined);
  if (!half && [code !== undefined, userName !== undefined, byReference].filter(Boolean).length === 1) return;
  throw new Problem(
    400,
    'invalid-request',
    'The request is wrong',
    'A worker is asked for in exactly one way.',
    'Give code, or userName, or connection and externalId.',
  );
};
