import type { Connector, PostingTarget } from '@tieout/connector-kit';
import type { Feed } from '@tieout/model';
import { BootProblem, openConnections, type OpenConnection, type ServiceRuntime } from '@tieout/service-kit';
import type { BudgetStore } from './budget-store.js';
import type { Destination } from './destination.js';
import type { Timers } from './ports.js';
import { ConnectionBudget } from './rate-budget.js';

export interface OpeningParts {
  readonly feed: Feed;
  readonly connectors: readonly Connector[];
  readonly timers: Timers;
  readonly budgets: BudgetStore;
}

/** The destinations that the bundle gives a feed. @throws BootProblem naming each that cannot be posted to, and why. */
export const openDestinations = (runtime: ServiceRuntime, parts: OpeningParts): Destination[] =>
  openConnections<Connector>(runtime, parts.feed, parts.connectors).map((connection) =>
    toDestination(runtime, parts, connection),
  );

const toDestination = (
  runtime: ServiceRuntime,
  { feed, timers, budgets }: OpeningParts,
  connection: OpenConnection<Connector>,
): Destination => {
  const { connector, deps, declaration } = connection;
  const { id } = declaration;
  const capabilities = connector.postingCapabilities?.(connection.config) ?? connector.manifest.posting;
  if (capabilities === undefined || connector.postingTarget === undefined) {
    throw new BootProblem([`connection "${id}" (connections.yaml): the connector "${declaration.system}" cannot post`]);
  }
  const budget = new ConnectionBudget({
    connection: id,
    instance: runtime.instanceId,
    // Policy's share where it sets one, but never more than the destination takes.
    limit: () => {
      const share = runtime.policy.current().budget(id, feed);
      return {
        slots: Math.min(share?.slots ?? Infinity, capabilities.maxConcurrency),
        perSecond: lower(share?.perSecond, capabilities.maxRequestsPerSecond),
      };
    },
    requestTimeoutMs: capabilities.requestTimeoutMs,
    mayDispatch: (at) => runtime.policy.current().mayDispatch(id, feed, at),
    store: budgets,
    timers,
    clock: runtime.clock,
    log: runtime.logger,
  });
  let open: { readonly config: unknown; readonly target: PostingTarget } | undefined;
  return {
    id,
    capabilities,
    budget,
    target: () => {
      // The configuration is another object after a secret was rotated; until then sessions are kept.
      const { config } = connection;
      if (open === undefined || open.config !== config) open = { config, target: connector.postingTarget!(config, deps) };
      return open.target;
    },
  };
};

const lower = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
