import { counter, histogram, inSpan } from '@tieout/telemetry';
import { Logger } from '@nestjs/common';
import type { Delivered } from './delivered.js';
import { decide, endingOf, OUTCOMES, type Ending } from './outcomes.js';

export type Read<T> = { readonly ok: true; readonly item: T } | { readonly ok: false; readonly why: string };

export interface BatchHandlerOptions<T> {
  readonly durable: string;
  readonly spanName: string;
  readonly read: (message: Delivered) => Read<T>;
  readonly traceparentOf: (item: T) => string | undefined;
  readonly handle: (items: T[]) => Promise<void>;
  /** Stores the message as a dead letter; rejects when that did not work. */
  readonly bury: (message: Delivered, reason: Ending, detail: string) => Promise<void>;
}

interface Entry<T> {
  readonly message: Delivered;
  readonly item: T;
}

const handled = counter('tieout.messages.handled', 'Messages that a consumer has done with, by how it ended');
const batchSize = histogram('tieout.messages.batch', 'Messages per call of a handler', '{message}');
const BURY_AGAIN_MS = 5_000;

/** Hands messages to a handler and settles each by the table of outcomes. */
export class BatchHandler<T> {
  readonly #logger: Logger;
  /** Failures of messages that are to blame themselves. Those are handled alone from then on: they delay no others. */
  readonly #failures = new Map<string, number>();
  #worldFailures = 0;
  #pausedUntil = 0;

  constructor(private readonly options: BatchHandlerOptions<T>) {
    this.#logger = new Logger(options.durable);
  }

  /** Milliseconds to leave the handler alone, because what it depends on is away. */
  get pauseMs(): number {
    return Math.max(0, this.#pausedUntil - performance.now());
  }

  /** Every message is settled when this resolves. Never rejects. */
  async process(messages: readonly Delivered[]): Promise<void> {
    const fresh: Entry<T>[] = [];
    const suspects: Entry<T>[] = [];
    for (const message of messages) {
      const read = this.options.read(message);
      if (!read.ok) await this.#bury(message, 'ContractBroken', read.why);
      else (this.#failures.has(keyOf(message)) ? suspects : fresh).push({ message, item: read.item });
    }
    if (fresh.length > 0) await this.#attempt(fresh);
    await this.#oneByOne(suspects);
  }

  async #attempt(entries: readonly Entry<T>[]): Promise<void> {
    try {
      await this.#call(entries);
    } catch (error) {
      return this.#failed(entries, error);
    }
    this.#worldFailures = 0;
    for (const { message } of entries) {
      message.ack();
      this.#failures.delete(keyOf(message));
    }
    handled.add(entries.length, { consumer: this.options.durable, ending: 'done' });
  }

  async #oneByOne(entries: readonly Entry<T>[]): Promise<void> {
    for (const entry of entries) {
      if (this.pauseMs > 0) entry.message.retry(this.pauseMs);
      else await this.#attempt([entry]);
    }
  }

  async #failed(entries: readonly Entry<T>[], error: unknown): Promise<void> {
    const ending = endingOf(error);
    const outcome = OUTCOMES[ending];
    if (outcome.action === 'retry' && outcome.blames === 'world') return this.#waitForTheWorld(entries, error);
    const [only, ...others] = entries;
    if (only === undefined) return;
    if (others.length > 0) {
      this.#logger.warn(`a batch of ${entries.length} failed (${describe(error)}); handling its messages one by one`);
      return this.#oneByOne(entries);
    }
    const key = keyOf(only.message);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    const decision = decide(error, failures);
    if (ending === 'bug') this.#logger.error(`failure ${failures} of message ${key}: ${describe(error)}`, (error as Error).stack);
    if (decision.action === 'dead-letter') return this.#bury(only.message, ending, describe(error));
    this.#failures.set(key, failures);
    if (decision.action === 'retry') only.message.retry(decision.delayMs);
    handled.add(1, { consumer: this.options.durable, ending });
  }

  /** The same would happen to every message now: set these aside, and let the consumer rest. */
  #waitForTheWorld(entries: readonly Entry<T>[], error: unknown): void {
    if (this.pauseMs === 0) {
      const decision = decide(error, ++this.#worldFailures);
      if (this.#worldFailures === 1) this.#logger.warn(`${describe(error)}; trying again until it works`);
      if (decision.action === 'retry') this.#pausedUntil = performance.now() + decision.delayMs;
    }
    for (const { message } of entries) message.retry(this.pauseMs);
    handled.add(entries.length, { consumer: this.options.durable, ending: endingOf(error) });
  }

  #call(entries: readonly Entry<T>[]): Promise<void> {
    batchSize.record(entries.length, { consumer: this.options.durable });
    const traceparents = entries.map(({ item }) => this.options.traceparentOf(item));
    const attributes = {
      'messaging.system': 'nats',
      'messaging.consumer.group.name': this.options.durable,
      'messaging.batch.message_count': entries.length,
    };
    // One message continues its own trace; a batch belongs to none of its members' traces and links to all.
    const [first] = traceparents;
    const trace = entries.length === 1 ? { parent: first ?? null } : { parent: null, links: traceparents };
    return inSpan(this.options.spanName, { kind: 'consumer', attributes, ...trace }, () =>
      this.options.handle(entries.map(({ item }) => item)),
    );
  }

  async #bury(message: Delivered, reason: Ending, detail: string): Promise<void> {
    try {
      await this.options.bury(message, reason, detail);
    } catch (error) {
      this.#logger.error(`dead letter could not be stored (${describe(error)}); trying again`);
      return message.retry(BURY_AGAIN_MS);
    }
    this.#logger.error(`dead letter (${reason}): ${message.subject} at ${message.streamSequence}: ${detail}`);
    this.#failures.delete(keyOf(message));
    message.ack();
    handled.add(1, { consumer: this.options.durable, ending: 'dead-letter' });
  }
}

const keyOf = (message: Delivered): string => `${message.streamSequence}@${message.storedAtNanos}`;
const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
