import type { DynamicModule } from '@nestjs/common';
import type { Connector, PostingTarget } from '@tieout/connector-kit';
import { MasterReadModel } from '@tieout/persistence';
import { BootProblem, openConnections, type OpenConnection, type ServiceRuntime } from '@tieout/service-kit';
import { PostingsController } from './adapters/http/postings.controller.js';
import { QuestionsController } from './adapters/nats/questions.controller.js';
import { ReleasesConsumer } from './adapters/nats/releases.consumer.js';
import { ConnectionStore } from './adapters/postgres/connection.store.js';
import { DocumentStore } from './adapters/postgres/document.store.js';
import { PostingStore } from './adapters/postgres/posting.store.js';
import { TargetStore } from './adapters/postgres/target.store.js';
import { PostingEngine } from './posting-engine.js';
import { ApplyMasterData } from './use-cases/apply-master-data.js';
import { destination, type Destination } from './use-cases/destination.js';
import type { Ledger } from './use-cases/ledger.js';
import { Pace } from './use-cases/pace.js';
import { PostingStatus } from './use-cases/posting-status.js';
import { RetryPostings } from './use-cases/retry-postings.js';
import { TakeReleases } from './use-cases/take-releases.js';

class AppModule {}

/** Composition only: what exists, who gets what, which loops run. */
export const appModule = (runtime: ServiceRuntime, connectors: readonly Connector[]): DynamicModule => {
  const ledger: Ledger = {
    database: runtime.database,
    targets: new TargetStore(),
    postings: new PostingStore(),
    documents: new DocumentStore(),
    connections: new ConnectionStore(),
    master: new MasterReadModel(),
    clock: runtime.clock,
    policy: runtime.policy,
    instance: runtime.instanceId,
  };
  const pace = new Pace();
  const engine = new PostingEngine({
    ledger,
    pace,
    destinations: openConnections<Connector>(runtime, 'posting', connectors).map(toDestination),
    listener: runtime.listener,
    logger: runtime.logger,
  });
  runtime.onReady(() => engine.start());
  runtime.onStop(() => engine.stop());
  return {
    module: AppModule,
    controllers: [PostingsController, ReleasesConsumer, QuestionsController],
    providers: [
      { provide: TakeReleases, useValue: new TakeReleases(ledger, pace) },
      { provide: ApplyMasterData, useValue: new ApplyMasterData(ledger) },
      { provide: PostingStatus, useValue: new PostingStatus(ledger) },
      { provide: RetryPostings, useValue: new RetryPostings(ledger) },
    ],
  };
};

const toDestination = (connection: OpenConnection<Connector>): Destination => {
  const { connector, deps, declaration } = connection;
  const capabilities = connector.manifest.posting;
  if (capabilities === undefined || connector.postingTarget === undefined) {
    throw new BootProblem([
      `connection "${declaration.id}" (connections.yaml): the connector "${declaration.system}" cannot post`,
    ]);
  }
  let open: { readonly config: unknown; readonly target: PostingTarget } | undefined;
  return destination(declaration.id, capabilities, () => {
    // The configuration is another object after a secret was rotated; until then sessions are kept.
    const { config } = connection;
    if (open === undefined || open.config !== config) open = { config, target: connector.postingTarget!(config, deps) };
    return open.target;
  });
};
