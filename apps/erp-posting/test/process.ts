import { randomUUID } from 'node:crypto';
import { systemClock } from '@tieout/clock';
import type { PostingCapabilities, PostingTarget } from '@tieout/connector-kit';
import {
  ConfirmDocuments,
  FreezeDocuments,
  ConnectionBudget,
  LocalBudget,
  outageTeller,
  Pace,
  PlanTargets,
  ProbeConnection,
  ResolveUnknown,
  SendDocuments,
  TakeReleases,
  type Destination,
  type RateBudget,
  type Witness,
} from '@tieout/delivery';
import { FeedOperations } from '@tieout/delivery/edge';
import { PostgresBudgetStore, postgresLedger, type PostgresLedger } from '@tieout/delivery/postgres';
import { MasterReadModel, type Database } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { SecondPerson, type PolicyHolder } from '@tieout/service-kit';
import { Grants } from '@tieout/testing';
import { erpRules, type ErpPolicy } from '../src/use-cases/erp-rules.js';

export const CALENDAR = {
  lateOriginals: 'hold' as 'hold' | 'first-open-period',
  lateCorrections: 'first-open-period' as 'hold' | 'first-open-period',
  closingTakes: ['correction', 'late-approval'] as ('correction' | 'late-approval')[],
};

export const ADOPTION = {
  matchBy: ['workerCode', 'projectCode', 'workDate'] as ('workerCode' | 'projectCode' | 'workDate')[],
  toleranceHours: '0',
  toleranceAmount: '0.05',
};

/** As the service has it; only grants of these are taken. */
export const secondPersonOf = (o: { database: Database; policy: unknown; grants: Grants }): SecondPerson =>
  new SecondPerson({
    database: o.database,
    clock: systemClock,
    governanceKeys: () => [o.grants.publicKey],
    policy: { current: () => o.policy as CompiledPolicy } as PolicyHolder,
  });

/** One process of erp-posting, driven by hand. `wrap` puts something between it and the database. */
export class Process {
  readonly ledger: PostgresLedger;
  readonly planner: PlanTargets;
  readonly freezer: FreezeDocuments;
  readonly sender: SendDocuments;
  readonly resolver: ResolveUnknown;
  readonly confirmer: ConfirmDocuments;
  readonly prober: ProbeConnection;
  readonly releases: TakeReleases;
  readonly lost: unknown[] = [];
  readonly budget: RateBudget;
  readonly operations: FeedOperations;
  readonly grants: Grants;

  /** `shared`: the database through which replicas share the destination's budget; absent: this process has it alone. */
  constructor(
    database: Database,
    target: PostingTarget,
    capabilities: PostingCapabilities,
    { shared, witness, over = {} }: { shared?: Database | undefined; witness?: Witness | undefined; over?: object } = {},
  ) {
    const grants = new Grants();
    const policy = {
      digest: 'test',
      calendarFor: () => CALENDAR,
      account: () => ({ account: '5000', balancingAccount: '2100' }),
      legs: () => ['labour-cost' as const],
      lane: () => 'normal' as const,
      patienceSeconds: () => 0,
      leadSeconds: () => 0,
      summarise: () => 'lines' as const,
      feedRoutes: () => ['erp', 'other'],
      mayDispatch: () => ({ open: true as const }),
      afterMove: 'reverse-in-old' as const,
      // Unless a test says otherwise, nothing is so large that somebody else must agree.
      secondPerson: () => false,
      ...over,
    } as unknown as ErpPolicy;
    const master = new MasterReadModel();
    const rules = erpRules({
      policy: { current: () => policy },
      master,
      clock: systemClock,
      destinations: new Set(['erp', 'other']),
    });
    this.ledger = postgresLedger({
      database,
      clock: systemClock,
      policy: { current: () => policy },
      instance: randomUUID(),
      rules,
      witness,
    });
    this.budget =
      shared === undefined
        ? new LocalBudget(capabilities.maxConcurrency)
        : new ConnectionBudget({
            connection: 'erp',
            instance: this.ledger.instance,
            limit: () => ({ slots: capabilities.maxConcurrency }),
            requestTimeoutMs: capabilities.requestTimeoutMs,
            mayDispatch: () => ({ open: true }),
            store: new PostgresBudgetStore(shared, outageTeller(this.ledger)),
            timers: this.ledger.timers,
            clock: systemClock,
            log: { info: () => {}, warn: () => {}, error: () => {} },
          });
    const pace = new Pace(this.ledger.timers);
    const erp: Destination = {
      id: 'erp',
      capabilities,
      target: () => target,
      budget: this.budget,
    };
    const log = { info: () => {}, warn: () => {}, error: (context: object) => void this.lost.push(context) };
    this.planner = new PlanTargets(this.ledger, pace);
    this.freezer = new FreezeDocuments(this.ledger, erp, new Pace(this.ledger.timers));
    this.sender = new SendDocuments(this.ledger, erp, log);
    this.resolver = new ResolveUnknown(this.ledger, erp);
    this.confirmer = new ConfirmDocuments(this.ledger, erp);
    this.prober = new ProbeConnection(this.ledger, erp);
    this.releases = new TakeReleases(this.ledger, pace);
    this.grants = grants;
    this.operations = new FeedOperations(this.ledger, [erp], () => ADOPTION, {
      feed: 'posting',
      secondPerson: secondPersonOf({ database, policy, grants }),
    });
  }

  #started: Promise<void> | undefined;
  async #start(): Promise<void> {
    await this.ledger.guard.start();
    await this.budget.start();
  }

  async planAndFreeze(): Promise<void> {
    await (this.#started ??= this.#start());
    while ((await this.planner.run()) === 'more');
    while ((await this.freezer.run()) === 'more');
  }

  async send(): Promise<void> {
    while ((await this.sender.run()) === 'more');
    await this.sender.drain();
  }

  async round(): Promise<void> {
    await this.planAndFreeze();
    await this.send();
    await this.resolver.run();
    await this.confirmer.run();
  }
}
