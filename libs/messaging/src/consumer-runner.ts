import type { StreamDeclaration } from '@tieout/contracts';
import { Logger } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { backOffMs, Pause } from './back-off.js';
import { BatchHandler, type BatchHandlerOptions } from './batch-handler.js';
import type { Delivered } from './delivered.js';
import { Gatherer } from './gatherer.js';
import type { NatsLink } from './link.js';
import { Pull } from './pull.js';
import { ensureConsumer, ensureStream } from './streams.js';

export interface ConsumerRunnerOptions<T> extends BatchHandlerOptions<T> {
  readonly link: NatsLink;
  readonly stream: StreamDeclaration;
  readonly filter: string;
  /** Messages per call at most. */
  readonly max: number;
  /** How long to wait for more while the server says there is more. */
  readonly waitMs: number;
  /** Calls at the same time. */
  readonly workers: number;
  /** After this long without a word the server gives a message to somebody else. */
  readonly ackWaitMs: number;
}

/** A consumer that was lost sooner than this after it was made is made again with back-off. */
const STEADY_MS = 5_000;
const RETRY_AFTER_BUG_MS = 5_000;

/** One durable: pulls, gathers, hands over; makes stream and consumer anew whenever they are gone. */
export class ConsumerRunner<T> {
  readonly #logger: Logger;
  readonly #gatherer: Gatherer<Delivered>;
  readonly #handler: BatchHandler<T>;
  /** Held here, waiting or being handled: the server must not give them to anybody else. */
  readonly #inHand = new Set<Delivered>();
  readonly #pause = new Pause();
  readonly #capacity: number;
  #pull: Pull | undefined;
  #attached = false;
  #stopping = false;
  #wakeStopped!: () => void;
  readonly #stopped = new Promise<void>((resolve) => (this.#wakeStopped = resolve));
  #workers: Promise<unknown> = Promise.resolve();
  #serving: Promise<void> = Promise.resolve();
  #working: NodeJS.Timeout | undefined;

  constructor(private readonly options: ConsumerRunnerOptions<T>) {
    this.#logger = new Logger(options.durable);
    this.#gatherer = new Gatherer(options);
    this.#handler = new BatchHandler(options);
    // While the workers have their hands full, the next round gathers.
    this.#capacity = options.max * (options.workers + 1);
  }

  get durable(): string {
    return this.options.durable;
  }

  /** True while the durable exists and messages are asked for. */
  get attached(): boolean {
    return this.#attached;
  }

  start(): void {
    this.#working = setInterval(() => this.#inHand.forEach((message) => message.working()), this.options.ackWaitMs / 3);
    this.#workers = Promise.all(Array.from({ length: this.options.workers }, () => this.#work()));
    this.#serving = this.#serve();
  }

  /** Takes nothing more, finishes what is being handled, gives back the rest. Gives up waiting after `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    const giveBack = this.#gatherer.stop();
    this.#pause.end();
    this.#wakeStopped();
    for (const message of giveBack) message.retry(0);
    const limit = new Pause();
    const finished = Promise.all([this.#pull?.stop(), this.#workers, this.#serving]).then(() => true);
    const inTime = await Promise.race([finished, limit.wait(limitMs).then(() => false)]);
    limit.end();
    clearInterval(this.#working);
    if (!inTime) this.#logger.warn(`stopped with ${this.#inHand.size} messages unfinished; they will be delivered again`);
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      const batch = await this.#gatherer.take();
      if (batch.length === 0) continue;
      this.#pull?.ask();
      await this.#process(batch);
      for (const message of batch) this.#inHand.delete(message);
      this.#pull?.ask();
      await this.#pause.wait(this.#handler.pauseMs);
    }
  }

  async #process(batch: readonly Delivered[]): Promise<void> {
    try {
      await this.#handler.process(batch);
    } catch (error) {
      // A bug of ours, outside the handler: it must not end the worker in silence.
      this.#logger.error(error);
      for (const message of batch) message.retry(RETRY_AFTER_BUG_MS);
    }
  }

  #receive(message: Delivered): void {
    if (this.#stopping) return message.retry(0);
    this.#inHand.add(message);
    this.#gatherer.offer(message);
  }

  async #serve(): Promise<void> {
    for (let attempt = 0; !this.#stopping;) {
      const since = performance.now();
      try {
        await this.#attach();
        const why = await Promise.race([this.#pull!.lost, this.#stopped]);
        this.#attached = false;
        if (this.#stopping) return;
        this.#logger.warn(`lost consumer on ${this.options.stream.name} (${why as string}); making it anew`);
        attempt = performance.now() - since > STEADY_MS ? 0 : attempt + 1;
      } catch (error) {
        if (attempt === 0 && !this.#stopping)
          this.#logger.warn(`not attached to ${this.options.stream.name} yet: ${(error as Error).message}`);
        attempt++;
      }
      if (attempt > 0) await this.#pause.wait(backOffMs(attempt - 1, { firstMs: 50, maxMs: 3_000 }));
    }
  }

  async #attach(): Promise<void> {
    const { link, stream, durable, filter, max, ackWaitMs } = this.options;
    await Promise.race([link.connect(), this.#stopped]);
    if (this.#stopping) return;
    const jsm = await jetstreamManager(link.nc, { checkAPI: false });
    await ensureStream(jsm, stream);
    await ensureConsumer(jsm, { stream: stream.name, durable, filter, ackWaitMs });
    if (this.#stopping) return;
    this.#pull = new Pull({
      link,
      stream: stream.name,
      durable,
      room: () => this.#capacity - this.#inHand.size,
      worthAsking: Math.max(1, Math.min(max, this.#capacity >> 1)),
      onMessage: (message) => this.#receive(message),
    });
    this.#attached = true;
  }
}
