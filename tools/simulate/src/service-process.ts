import {
  CHANNELS,
  ConfirmDocuments,
  FreezeDocuments,
  Pace,
  PlanTargets,
  ResolveUnknown,
  Replay,
  RetryPostings,
  SendDocuments,
  TakeReleases,
  periodsChanged,
  type Destination,
  type IncomingRelease,
  type Ledger,
  type ReplaySelection,
} from '@tieout/delivery';
import type { Interruptible } from './interruptible.js';
import { LEGAL_ENTITY, type Period } from './periods.js';
import type { Random } from './random.js';
import type { Agenda } from './store/agenda.js';
import { SimulatedReplays } from './store/replays.js';
import type { Tables } from './store/tables.js';
import type { Trace } from './trace.js';

const POLL_MS = 250;
const BACK_OFF_MS = 200;

interface Loop {
  readonly name: string;
  readonly run: () => Promise<'more' | 'idle'>;
  running: boolean;
  notBeforeMs: number;
  failures: number;
}

export interface ServiceOptions {
  readonly process: Interruptible;
  readonly ledger: Ledger;
  readonly destinations: readonly Destination[];
  readonly tables: Tables;
  readonly random: Random;
  readonly trace: Trace;
  readonly agenda: () => Agenda;
}

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** One life of one replica: the engine's own steps, called as its loops call them. */
export class ServiceProcess {
  readonly #loops: Loop[];
  readonly #resolvers: ResolveUnknown[] = [];
  /** Nothing is claimed before what the last life left is taken over. */
  #begun = false;
  readonly #take: TakeReleases;
  #tickAtMs = Infinity;

  constructor(private readonly options: ServiceOptions) {
    const { ledger, destinations } = options;
    const pace = new Pace(ledger.timers);
    this.#take = new TakeReleases(ledger, pace);
    const planner = new PlanTargets(ledger, pace);
    this.#loops = [
      loop('plan', planner),
      ...destinations.flatMap((destination) => [
        loop(`freeze ${destination.id}`, new FreezeDocuments(ledger, destination, pace)),
        loop(`send ${destination.id}`, new SendDocuments(ledger, destination, silent)),
        loop(`resolve ${destination.id}`, this.#resolver(destination)),
        loop(`confirm ${destination.id}`, new ConfirmDocuments(ledger, destination)),
      ]),
    ];
  }

  get awake(): boolean {
    return this.options.process.awake;
  }

  get name(): string {
    return this.options.process.name;
  }

  get ledger(): Ledger {
    return this.options.ledger;
  }

  get destinations(): readonly Destination[] {
    return this.options.destinations;
  }

  /** Begins to live: gets its share of each budget, and looks for work. */
  start(): void {
    void this.#begin();
  }

  async #begin(): Promise<void> {
    try {
      for (const resolver of this.#resolvers) await resolver.takeOver();
    } catch {
      this.options.process.later(BACK_OFF_MS, () => void this.#begin());
      return;
    }
    for (const { budget } of this.options.destinations) void budget.start();
    this.#begun = true;
    this.wake(100);
  }

  #resolver(destination: Destination): ResolveUnknown {
    const resolver = new ResolveUnknown(this.options.ledger, destination);
    this.#resolvers.push(resolver);
    return resolver;
  }

  /** Looks for work soon. */
  wake(withinMs: number): void {
    const { process, random, tables } = this.options;
    if (!process.alive || !this.#begun) return;
    const atMs = tables.nowMs() + random.int(0, withinMs);
    if (this.#tickAtMs <= atMs) return;
    this.#tickAtMs = atMs;
    process.later(atMs - tables.nowMs(), () => {
      if (this.#tickAtMs === atMs) this.#tick();
    });
  }

  async take(releases: readonly IncomingRelease[]): Promise<void> {
    await this.#take.take(releases);
  }

  /** What the feeds do with a period of master data that changed. */
  async hear(period: Period): Promise<void> {
    const { ledger, tables } = this.options;
    await ledger.database.transaction(async (tx) => {
      const known = tables.periods.get(period.code);
      if (known !== undefined && known.revision >= period.revision) return;
      tables.periods.put(period.code, period);
      await periodsChanged(tx, ledger, [{ legalEntityId: LEGAL_ENTITY, code: period.code }]);
    });
  }

  async retry(postingKeys: readonly string[], actor: string): Promise<void> {
    await new RetryPostings(this.options.ledger).retry(postingKeys, actor);
  }

  async replay(selection: ReplaySelection, actor: string): Promise<void> {
    const { ledger, tables } = this.options;
    await new Replay(ledger, new SimulatedReplays(tables)).replay(selection, { dryRun: false, actor });
  }

  /** As payroll does when a pay run is right. @returns how many documents had waited for it */
  async sign(documentKeys: readonly string[]): Promise<number> {
    const { ledger } = this.options;
    return ledger.database.transaction(async (tx) => {
      const signed = await ledger.documents.sign(tx, documentKeys);
      await ledger.notices.wake(tx, CHANNELS.send);
      return signed.length;
    });
  }

  #tick(): void {
    this.#tickAtMs = Infinity;
    const { agenda, tables, process } = this.options;
    const { due, nextMs } = agenda();
    const now = tables.nowMs();
    let againMs = nextMs;
    for (const each of this.#loops) {
      if (each.running || !due.has(each.name)) continue;
      if (each.notBeforeMs <= now) this.#start(each);
      else againMs = Math.min(againMs, each.notBeforeMs);
    }
    if (againMs === Infinity) return;
    this.#tickAtMs = againMs;
    process.later(againMs - now, () => {
      if (this.#tickAtMs === againMs) this.#tick();
    });
  }

  #start(each: Loop): void {
    const { tables } = this.options;
    each.running = true;
    each.run().then(
      (outcome) => {
        each.failures = 0;
        each.notBeforeMs = outcome === 'more' ? 0 : tables.nowMs() + POLL_MS;
        this.#ended(each);
      },
      (error: unknown) => {
        each.notBeforeMs = tables.nowMs() + BACK_OFF_MS * 2 ** Math.min(5, each.failures++);
        this.options.trace.note(this.options.process.name, `${each.name} failed: ${(error as Error).message}`);
        this.#ended(each);
      },
    );
  }

  #ended(each: Loop): void {
    each.running = false;
    this.wake(2);
  }
}

const loop = (name: string, step: { run(): Promise<'more' | 'idle'> }): Loop => ({
  name,
  run: () => step.run(),
  running: false,
  notBeforeMs: 0,
  failures: 0,
});
