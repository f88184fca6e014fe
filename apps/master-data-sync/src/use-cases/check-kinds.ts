import { BootProblem } from '@tieout/service-kit';
import { kindsOf, type MasterConnection } from './sync-connection.js';

/** A kind that the bundle expects from a system which does not have it would never arrive, and nobody would be told. @throws BootProblem */
export const checkKinds = (connections: readonly MasterConnection[]): void => {
  const problems = connections.flatMap((open) => {
    const { id, kinds = [], system } = open.declaration;
    const offered = kindsOf(open);
    return kinds
      .filter((kind) => !offered.includes(kind))
      .map(
        (kind) =>
          `connection "${id}" (connections.yaml): kinds names ${kind}, which the connector "${system}" does not read; it reads ${open.connector.manifest.masterData?.kinds.join(', ')}`,
      );
  });
  if (problems.length > 0) throw new BootProblem(problems);
};
