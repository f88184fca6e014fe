import { randomUUID } from 'node:crypto';
import type { ManualClock } from '@tieout/clock';
import {
  ConfirmDocuments,
  FreezeDocuments,
  LocalBudget,
  Pace,
  PlanTargets,
  ResolveUnknown,
  SendDocuments,
  TakeReleases,
  type Destination,
} from '@tieout/delivery';
import { postgresLedger, type PostgresLedger } from '@tieout/delivery/postgres';
import { MasterReadModel, type Database } from '@tieout/persistence';
import { PayRunStore } from '../src/adapters/postgres/pay-run.store.js';
import { FollowPayRuns } from '../src/use-cases/follow-pay-runs.js';
import { OpenPayRuns } from '../src/use-cases/open-pay-runs.js';
import { payrollRules, type PayrollPolicy } from '../src/use-cases/payroll-rules.js';
import { PreviewPayRun } from '../src/use-cases/preview-pay-run.js';
import { SignPayRun } from '../src/use-cases/sign-pay-run.js';
import { CAPABILITIES, type FakeBureau } from './fake-bureau.js';

export const BUREAU = 'bureau';

const policy: PayrollPolicy = {
  digest: 'test',
  payroll: {
    excludedPayCodes: () => ['VACATION'],
    correctionsAfterCutOff: () => 'next-run',
    alerts: { changePercent: 20, zeroHours: true, leavers: true },
  },
  lane: () => 'normal',
  patienceSeconds: () => 0,
  leadSeconds: () => 0,
  summarise: () => 'lines',
  mayDispatch: () => ({ open: true }),
  feedRoutes: (_feed, legalEntityId) => (legalEntityId === 'DE01' ? [BUREAU] : []),
};

/** One process of payroll-feed, driven by hand. */
export class Process {
  readonly ledger: PostgresLedger;
  readonly follow: FollowPayRuns;
  readonly preview: PreviewPayRun;
  readonly signer: SignPayRun;
  readonly openRuns: OpenPayRuns;
  readonly #steps: {
    planner: PlanTargets;
    freezer: FreezeDocuments;
    sender: SendDocuments;
    resolver: ResolveUnknown;
    confirmer: ConfirmDocuments;
  };
  readonly releases: TakeReleases;

  constructor(database: Database, clock: ManualClock, bureau: FakeBureau) {
    const parts = {
      database,
      clock,
      policy: { current: () => policy },
      master: new MasterReadModel(),
      runs: new PayRunStore(),
    };
    this.follow = new FollowPayRuns(parts);
    const rules = payrollRules({ ...parts, follow: this.follow }, new Set([BUREAU]));
    this.ledger = postgresLedger({ ...parts, instance: randomUUID(), rules });
    this.openRuns = new OpenPayRuns(parts, rules.destinations);
    this.preview = new PreviewPayRun(parts);
    this.signer = new SignPayRun({ ...parts, follow: this.follow, preview: this.preview });
    const destination: Destination = {
      id: BUREAU,
      capabilities: CAPABILITIES,
      budget: new LocalBudget(CAPABILITIES.maxConcurrency),
      target: () => bureau.target,
    };
    const pace = new Pace(this.ledger.timers);
    const log = { info: () => {}, warn: () => {}, error: (context: object) => void this.lost.push(context) };
    this.#steps = {
      planner: new PlanTargets(this.ledger, pace),
      freezer: new FreezeDocuments(this.ledger, destination, new Pace(this.ledger.timers)),
      sender: new SendDocuments(this.ledger, destination, log),
      resolver: new ResolveUnknown(this.ledger, destination),
      confirmer: new ConfirmDocuments(this.ledger, destination),
    };
    this.releases = new TakeReleases(this.ledger, pace);
  }
  readonly lost: unknown[] = [];

  async planAndFreeze(): Promise<void> {
    const { planner, freezer } = this.#steps;
    while ((await planner.run()) === 'more');
    while ((await freezer.run()) === 'more');
  }

  async round(): Promise<void> {
    const { sender, resolver, confirmer } = this.#steps;
    await this.planAndFreeze();
    while ((await sender.run()) === 'more');
    await sender.drain();
    await resolver.run();
    await confirmer.run();
    await this.openRuns.run();
    await this.follow.run();
    if (this.lost.length > 0) throw new Error(`an outcome could not be stored: ${JSON.stringify(this.lost)}`);
  }
}
