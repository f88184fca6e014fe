import type { Provider, Type } from '@nestjs/common';
import type { Connector } from '@tieout/connector-kit';
import type { Feed } from '@tieout/model';
import { SecondPerson, type ServiceRuntime } from '@tieout/service-kit';
import { DeliveryEngine } from '../engine/delivery-engine.js';
import type { TellOutage } from '../engine/budget-store.js';
import type { Destination } from '../engine/destination.js';
import { outageTeller } from '../engine/budget-outage.js';
import { Pace } from '../engine/pace.js';
import type { FeedRules } from '../engine/ports.js';
import { TakeReleases } from '../engine/take-releases.js';
import { openDestinations } from '../engine/open-destinations.js';
import { PostgresBudgetStore } from '../postgres/budget.store.js';
import { postgresLedger, SYSTEM_TIMERS, type PostgresLedger } from '../postgres/postgres-ledger.js';
import { PostingStatus } from '../postgres/posting-status.js';
import { feedQuestionsController } from './feed-questions.controller.js';
import { FeedOperations } from './feed-operations.js';
import { natsWitness } from './ledger-witness.js';
import { OperationsController } from './operations.controller.js';
import { PostingsController } from './postings.controller.js';
import { ReleasesConsumer } from './releases.consumer.js';
import { RestoreWatch } from './restore-watch.js';

export interface FeedParts {
  readonly ledger: PostgresLedger;
  readonly destinations: readonly Destination[];
  readonly controllers: Type[];
  readonly providers: Provider[];
}

/** What every feed is made of: ledger, engine and edge, on its own database. The app adds its rules and what only it has. */
export const feedParts = (
  runtime: ServiceRuntime,
  o: {
    readonly feed: Feed;
    readonly connectors: readonly Connector[];
    readonly rules: (destinations: ReadonlySet<string>) => FeedRules;
  },
): FeedParts => {
  // The budget tells outages through the ledger, and the ledger needs the destinations that have budgets.
  const late: { tell?: TellOutage } = {};
  const budgets = new PostgresBudgetStore(runtime.database, (tx, news) => late.tell!(tx, news));
  const { feed, connectors } = o;
  const destinations = openDestinations(runtime, { feed, connectors, timers: SYSTEM_TIMERS, budgets });
  const ledger = postgresLedger({
    database: runtime.database,
    clock: runtime.clock,
    policy: runtime.policy,
    instance: runtime.instanceId,
    rules: o.rules(new Set(destinations.map(({ id }) => id))),
    witness: natsWitness(runtime.link, o.feed),
  });
  late.tell = outageTeller(ledger);
  const pace = new Pace(ledger.timers);
  const engine = new DeliveryEngine({
    ledger,
    database: runtime.database,
    pace,
    destinations,
    listener: runtime.listener,
    logger: runtime.logger,
  });
  const status = new PostingStatus(ledger);
  const operations = new FeedOperations(ledger, destinations, (connection) => runtime.policy.current().adoption(connection), {
    feed,
    secondPerson: new SecondPerson(runtime),
  });
  const watch = new RestoreWatch(runtime, ledger, operations);
  runtime.policy.onChange(() => engine.recheckBlocked());
  runtime.onReady(async () => {
    await watch.start();
    await engine.start();
  });
  runtime.onStop(async () => {
    await watch.stop();
    await engine.stop();
  });
  return {
    ledger,
    destinations,
    controllers: [PostingsController, OperationsController, ReleasesConsumer, feedQuestionsController(o.feed)],
    providers: [
      { provide: TakeReleases, useValue: new TakeReleases(ledger, pace) },
      { provide: PostingStatus, useValue: status },
      { provide: FeedOperations, useValue: operations },
    ],
  };
};
