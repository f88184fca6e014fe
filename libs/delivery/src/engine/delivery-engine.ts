import { setTimeout as delay } from 'node:timers/promises';
import { WorkLoop, type Database, type Listener, type Log, type Tx } from '@tieout/persistence';
import { ConfirmDocuments } from './confirm-documents.js';
import type { Destination } from './destination.js';
import { FreezeDocuments } from './freeze-documents.js';
import { CHANNELS } from './ledger.js';
import type { Ledger } from './ports.js';
import type { Pace } from './pace.js';
import { PlanTargets } from './plan-targets.js';
import { ProbeConnection } from './probe-connection.js';
import { ResolveUnknown } from './resolve-unknown.js';
import { SendDocuments } from './send-documents.js';

/** Below the ten seconds that a stopping process has. */
const STOP_LIMIT_MS = 7_000;

export interface EngineOptions {
  readonly ledger: Ledger;
  readonly database: Database;
  readonly pace: Pace;
  readonly destinations: readonly Destination[];
  readonly listener: Listener;
  readonly logger: Log;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<'more' | 'idle'>;
  readonly pollMs: number;
  readonly wakeOn?: string;
}

/** The loops of a feed: plan once, and for each destination freeze, send, resolve and confirm. */
export class DeliveryEngine {
  readonly #loops: WorkLoop[];
  readonly #senders: SendDocuments[] = [];
  readonly #resolvers: ResolveUnknown[] = [];

  constructor(private readonly options: EngineOptions) {
    const { ledger, pace, destinations } = options;
    const planner = new PlanTargets(ledger, pace);
    this.#loops = [
      this.#loop({ name: 'plan', run: () => planner.run(), pollMs: 1_000, wakeOn: CHANNELS.plan }),
      ...destinations.flatMap((destination) => this.#loopsOf(destination)),
    ];
  }

  /** Whatever held lines back may be gone: another policy, periods that changed while nobody listened. */
  async recheckBlocked(): Promise<void> {
    const { database, postings, notices } = this.options.ledger;
    await database.transaction(async (tx: Tx) => {
      await postings.recheckBlocked(tx);
      await notices.wake(tx, CHANNELS.freeze);
    });
  }

  async start(): Promise<void> {
    await this.recheckBlocked();
    for (const resolver of this.#resolvers) await resolver.takeOver();
    for (const { budget } of this.options.destinations) await budget.start();
    for (const loop of this.#loops) loop.start();
  }

  /** Finishes the requests under way, but not for ever: what has no answer by then is looked up by whoever comes next. */
  async stop(): Promise<void> {
    const finished = Promise.all(this.#loops.map((loop) => loop.stop())).then(() =>
      Promise.all(this.#senders.map((sender) => sender.drain())),
    );
    await Promise.race([finished, delay(STOP_LIMIT_MS, undefined, { ref: false })]);
    await Promise.all(this.options.destinations.map(({ budget }) => budget.stop()));
  }

  #loopsOf(destination: Destination): WorkLoop[] {
    const { ledger, pace, logger } = this.options;
    const freeze = new FreezeDocuments(ledger, destination, pace);
    const send = new SendDocuments(ledger, destination, logger);
    const resolve = new ResolveUnknown(ledger, destination);
    const confirm = new ConfirmDocuments(ledger, destination);
    const probe = new ProbeConnection(ledger, destination);
    this.#senders.push(send);
    this.#resolvers.push(resolve);
    return [
      this.#loop({ name: `freeze ${destination.id}`, run: () => freeze.run(), pollMs: 250, wakeOn: CHANNELS.freeze }),
      this.#loop({ name: `send ${destination.id}`, run: () => send.run(), pollMs: 250, wakeOn: CHANNELS.send }),
      this.#loop({ name: `resolve ${destination.id}`, run: () => resolve.run(), pollMs: 300 }),
      this.#loop({ name: `confirm ${destination.id}`, run: () => confirm.run(), pollMs: 300 }),
      this.#loop({ name: `probe ${destination.id}`, run: () => probe.run(), pollMs: 1_000 }),
    ];
  }

  #loop(step: Step): WorkLoop {
    const { ledger, database, listener, logger } = this.options;
    return new WorkLoop({ ...step, database, listener, clock: ledger.clock, logger });
  }
}
