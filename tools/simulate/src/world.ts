import {
  ConnectionBudget,
  MemoryBudgetStore,
  RestoreGuard,
  type Destination,
  type Ledger,
  type RateBudget,
} from '@tieout/delivery';
import type { Clock } from '@tieout/clock';
import type { PostingTarget } from '@tieout/connector-kit';
import type { NewAuditRow } from '@tieout/persistence';
import { DestinationServer } from './destination/server.js';
import { capabilitiesOf, targetOf } from './destination/target.js';
import { Interruptible } from './interruptible.js';
import { EPOCH_MS, PERIODS, type Period } from './periods.js';
import { Random } from './random.js';
import { rulesOf } from './rules.js';
import type { Script } from './script.js';
import { ServiceProcess, silent } from './service-process.js';
import { agendaOf, type Agenda } from './store/agenda.js';
import { SimulatedDocuments } from './store/documents.js';
import { budgetsOf, databaseOf, noMasterData, SimulatedConnections, SimulatedNotices } from './store/others.js';
import { SimulatedPostings } from './store/postings.js';
import { Tables } from './store/tables.js';
import { SimulatedTargets } from './store/targets.js';
import { toldOf, Trace } from './trace.js';
import { VirtualTime } from './virtual-time.js';

/** An error put in on purpose, in tools only: what the engine stands on is bent, never the engine. */
export interface PlantedBug {
  readonly name: string;
  /** What goes wrong, in one sentence. */
  readonly what: string;
  readonly ledger?: (ledger: Ledger, world: World) => Ledger;
  readonly target?: (target: PostingTarget, world: World, server: DestinationServer) => PostingTarget;
  readonly budget?: (budget: RateBudget, replica: number, slots: number) => RateBudget;
}

const RESTART_LEAST_MS = 50;

/** One simulated world: a database, some replicas, destinations and time. */
export class World {
  readonly time = new VirtualTime();
  readonly trace: Trace;
  readonly random: Random;
  readonly tables: Tables;
  readonly servers: readonly DestinationServer[];
  readonly replicas: ServiceProcess[] = [];
  /** The destinations' own view; ours is in the tables. */
  readonly #closed = new Set<string>();
  mended = false;
  readonly #keys: Random;
  readonly #budgets = new MemoryBudgetStore(() => this.time.nowMs);
  readonly #reached: Map<string, number>[];
  #agenda: { readonly version: number; readonly agenda: Agenda } | undefined;

  constructor(
    readonly script: Script,
    readonly bug: PlantedBug | undefined,
    telling: boolean,
  ) {
    this.trace = new Trace(() => this.time.nowMs, telling);
    this.random = new Random(`world ${script.seed}`);
    this.#keys = this.random.fork('keys');
    this.tables = new Tables(() => this.time.nowMs);
    for (const period of PERIODS) this.tables.periods.put(period.code, period);
    this.servers = script.destinations.map(
      (destination, index) =>
        new DestinationServer(destination, index, {
          time: this.time,
          trace: this.trace,
          random: this.random.fork(destination.id),
          healMs: script.healMs,
          mischief: script.mischief,
          isOpen: (period) => !this.#closed.has(period),
          isBad: (project) => project === 'BAD' && !this.mended,
        }),
    );
    this.#reached = script.replicas.map(() => new Map());
  }

  start(): void {
    this.script.replicas.forEach((_, index) => this.#launch(index, 1));
  }

  setOpen(period: string, open: boolean): void {
    this.trace.note('destinations', `${open ? 'open' : 'close'} period ${period}`);
    if (open) this.#closed.delete(period);
    else this.#closed.add(period);
  }

  newKey(): string {
    return this.#keys.uuid();
  }

  /** A process that is there to take a message. */
  anyone(): ServiceProcess | undefined {
    const awake = this.replicas.filter((replica) => replica.awake);
    return awake.length === 0 ? undefined : this.random.pick(awake);
  }

  /** All that are there, one of them first. */
  everyone(): ServiceProcess[] {
    const first = this.anyone();
    return first === undefined ? [] : [first, ...this.replicas.filter((replica) => replica !== first && replica.awake)];
  }

  wakeAll(): void {
    for (const replica of this.replicas) replica.wake(30);
  }

  periodsKnown(): Period[] {
    return [...this.tables.periods.all()];
  }

  agenda(): Agenda {
    const { version } = this.tables.journal;
    // What is due stays due until something changes; only the next appointment adds to it.
    if (this.#agenda?.version !== version || this.#agenda.agenda.nextMs <= this.time.nowMs)
      this.#agenda = { version, agenda: agendaOf(this.tables) };
    return this.#agenda.agenda;
  }

  #launch(index: number, life: number): void {
    const name = `replica ${index + 1}${life > 1 ? `/${life}` : ''}`;
    if (life > 1) this.trace.note(name, 'starts');
    const { time, trace, script } = this;
    const process = new Interruptible({
      name,
      replica: index,
      time,
      trace,
      mischief: script.mischief,
      healMs: script.healMs,
      reached: this.#reached[index]!,
      onCrash: (forMs) => {
        for (const server of this.servers) server.abandon(process);
        time.after(Math.min(forMs, Math.max(0, script.healMs - time.nowMs)) + RESTART_LEAST_MS, () =>
          this.#launch(index, life + 1),
        );
      },
    });
    const random = this.random.fork(name);
    const plain = this.#ledger(process, index, random);
    const ledger = this.bug?.ledger?.(plain, this) ?? plain;
    const destinations = this.servers.map((server) => this.#destination(server, { process, random, ledger, index }));
    const replica = new ServiceProcess({
      process,
      ledger,
      destinations,
      tables: this.tables,
      random,
      trace,
      agenda: () => this.agenda(),
    });
    this.replicas[index] = replica;
    replica.start();
  }

  #destination(
    server: DestinationServer,
    { process, random, ledger, index }: { process: Interruptible; random: Random; ledger: Ledger; index: number },
  ): Destination {
    const { time, trace, bug } = this;
    const { id, slots } = server.script;
    const plain = targetOf({ process, server, time, random, trace });
    const target = bug?.target?.(plain, this, server) ?? plain;
    const capabilities = capabilitiesOf(server.script);
    const budget = new ConnectionBudget({
      connection: id,
      instance: ledger.instance,
      limit: () => ({ slots }),
      requestTimeoutMs: capabilities.requestTimeoutMs,
      mayDispatch: () => ({ open: true }),
      store: budgetsOf(process, this.#budgets, random),
      timers: ledger.timers,
      clock: ledger.clock,
      log: silent,
    });
    return { id, capabilities, target: () => target, budget: bug?.budget?.(budget, index, slots) ?? budget };
  }

  #ledger(process: Interruptible, index: number, random: Random): Ledger {
    const { tables, time, trace } = this;
    const { skewMs } = this.script.replicas[index]!;
    const epochMs = (): number => EPOCH_MS + time.nowMs + skewMs;
    const committed = (): void => this.wakeAll();
    const heard = (row: NewAuditRow): void => trace.note(process.name, toldOf(row));
    return {
      database: databaseOf(process, tables, random, committed),
      targets: new SimulatedTargets(tables),
      postings: new SimulatedPostings(tables),
      documents: new SimulatedDocuments(tables),
      connections: new SimulatedConnections(tables),
      notices: new SimulatedNotices(tables, heard),
      master: noMasterData,
      clock: clockOf(epochMs),
      timers: {
        monotonicMs: () => time.nowMs,
        sleep: (ms, signal) =>
          new Promise((resolve) =>
            process.later(ms, () => {
              if (signal?.aborted !== true) process.pass('timer', resolve);
            }),
          ),
      },
      newKey: () => this.newKey(),
      policy: { current: () => ({ digest: 'simulated' }) },
      rules: rulesOf(this.script, tables),
      guard: new RestoreGuard(),
      // The platform gives a replica its name back when it starts again.
      instance: `replica ${index + 1}`,
    };
  }
}

/** An instant is asked for many times in one moment. */
const clockOf = (epochMs: () => number): Clock => {
  let [atMs, instant] = [NaN, ''];
  return {
    epochMs,
    now: () => {
      if (atMs !== epochMs()) [atMs, instant] = [epochMs(), new Date(epochMs()).toISOString()];
      return instant;
    },
  };
};
