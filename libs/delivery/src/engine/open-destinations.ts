import type { Connector, PostingTarget } from '@tieout/connector-kit';
import type { ConnectionRole } from '@tieout/policy';
import { BootProblem, openConnections, type OpenConnection, type ServiceRuntime } from '@tieout/service-kit';
import type { Destination } from './destination.js';
import { LocalBudget } from './budget.js';

/** The destinations that the bundle gives a feed. @throws BootProblem naming each that cannot be posted to, and why. */
export const openDestinations = (
  runtime: ServiceRuntime,
  role: Extract<ConnectionRole, 'posting' | 'payroll' | 'analytics'>,
  connectors: readonly Connector[],
): Destination[] => openConnections<Connector>(runtime, role, connectors).map(toDestination);

const toDestination = (connection: OpenConnection<Connector>): Destination => {
  const { connector, deps, declaration } = connection;
  const capabilities = connector.postingCapabilities?.(connection.config) ?? connector.manifest.posting;
  if (capabilities === undefined || connector.postingTarget === undefined) {
    throw new BootProblem([
      `connection "${declaration.id}" (connections.yaml): the connector "${declaration.system}" cannot post`,
    ]);
  }
  let open: { readonly config: unknown; readonly target: PostingTarget } | undefined;
  return {
    id: declaration.id,
    capabilities,
    budget: new LocalBudget(capabilities.maxConcurrency),
    target: () => {
      // The configuration is another object after a secret was rotated; until then sessions are kept.
      const { config } = connection;
      if (open === undefined || open.config !== config) open = { config, target: connector.postingTarget!(config, deps) };
      return open.target;
    },
  };
};
