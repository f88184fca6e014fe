import type { Clock } from '@tieout/clock';
import { DEAD_LETTERS, eventPattern, STREAMS, type EventType, type StreamDeclaration } from '@tieout/contracts';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Read } from './batch-handler.js';
import { ConsumerRunner, type ConsumerRunnerOptions } from './consumer-runner.js';
import { contractProblem } from './contract-check.js';
import { bury, decodeLetter, type DeadLetter } from './dead-letters.js';
import type { Delivered } from './delivered.js';
import { DeprecationNotices } from './deprecation-notices.js';
import { Handover, JETSTREAM, SPEC, type HandlerSpec } from './handlers.js';
import { decodeEvent, type ReceivedEvent } from './headers.js';
import type { NatsLink } from './link.js';

export interface JetStreamStrategyOptions {
  readonly link: NatsLink;
  /** Prefix of the durables: "erp-posting" gives "erp-posting--entry-released". */
  readonly service: string;
  readonly clock: Clock;
  /** How long a message may stay with a process that died (30 s). Live handlers may take as long as they need. */
  readonly ackWaitMs?: number;
  /** How long close() waits for handlers that are at work. */
  readonly drainMs?: number;
}

/** Nest's transport for events: one durable pull consumer per handler. Does not wait for NATS when it starts. */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  override transportId = JETSTREAM;
  readonly #ackWaitMs: number;
  readonly #deprecations = new DeprecationNotices();
  readonly #runners: { start(): void; stop(limitMs: number): Promise<void>; durable: string; attached: boolean }[] = [];

  constructor(private readonly options: JetStreamStrategyOptions) {
    super();
    this.#ackWaitMs = options.ackWaitMs ?? 30_000;
  }

  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    // Patterns without a transport are offered to every server.
    if (!extras[SPEC]) return;
    const spec = extras[SPEC] as HandlerSpec;
    if (this.messageHandlers.has(spec.consumer))
      throw new Error(
        `two handlers would share the durable "${this.#durable(spec)}"; give one of them another name with { consumer }`,
      );
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  listen(callback: (error?: unknown) => void): void {
    for (const handler of this.messageHandlers.values()) this.#runners.push(this.#runnerFor(handler));
    for (const runner of this.#runners) runner.start();
    callback();
  }

  /** Stops asking, finishes what is at work, gives back the rest. The link stays open: it is the caller's. */
  async close(): Promise<void> {
    await Promise.all(this.#runners.splice(0).map((runner) => runner.stop(this.options.drainMs ?? 8_000)));
    if (this.options.link.connected) await this.options.link.nc.flush().catch(() => undefined);
  }

  /** Durables of this process, and whether each exists and is being read: for readiness. */
  consumers(): { readonly durable: string; readonly attached: boolean }[] {
    return this.#runners.map(({ durable, attached }) => ({ durable, attached }));
  }

  on(): never {
    throw new Error('JetStreamStrategy emits no events; ask link.connected and consumers()');
  }

  unwrap<T>(): T {
    return this.options.link as T;
  }

  #durable(spec: HandlerSpec): string {
    return `${this.options.service}--${spec.consumer}`;
  }

  #runnerFor(handler: MessageHandler): ConsumerRunner<ReceivedEvent> | ConsumerRunner<DeadLetter> {
    const spec = handler.extras![SPEC] as HandlerSpec;
    const call = (payload: unknown): Promise<void> => this.#call(handler, payload);
    switch (spec.mode) {
      case 'batch':
        return new ConsumerRunner({ ...this.#ofEvents(spec, spec.type), max: spec.max, waitMs: spec.waitMs, handle: call });
      case 'single':
        return new ConsumerRunner({ ...this.#ofEvents(spec, spec.type), max: 1, waitMs: 0, handle: ([event]) => call(event) });
      case 'letters':
        return new ConsumerRunner(this.#ofLetters(spec, call));
    }
  }

  #ofEvents(spec: Exclude<HandlerSpec, { mode: 'letters' }>, type: EventType) {
    const { link, clock } = this.options;
    const durable = this.#durable(spec);
    return {
      link,
      durable,
      stream: streamOf(type),
      filter: eventPattern(type),
      workers: spec.workers,
      ackWaitMs: this.#ackWaitMs,
      spanName: `process evt.${type}`,
      read: (message: Delivered) => {
        this.#deprecations.see(durable, type, message.headers);
        return readEvent(message, type);
      },
      traceparentOf: (event: ReceivedEvent) => event.traceparent,
      bury: (message, reason, detail) => bury(link, message, { consumer: durable, reason, detail, at: clock.now() }),
    } satisfies Omit<ConsumerRunnerOptions<ReceivedEvent>, 'handle' | 'max' | 'waitMs'>;
  }

  #ofLetters(spec: HandlerSpec, handle: (letters: DeadLetter[]) => Promise<void>): ConsumerRunnerOptions<DeadLetter> {
    return {
      link: this.options.link,
      durable: this.#durable(spec),
      stream: STREAMS.find(({ name }) => name === 'DEAD_LETTERS')!,
      filter: DEAD_LETTERS,
      max: 100,
      waitMs: 20,
      workers: 1,
      ackWaitMs: this.#ackWaitMs,
      spanName: 'process dlq',
      read: (message) => ({ ok: true, item: decodeLetter(message) }),
      traceparentOf: (letter) => letter.traceparent,
      handle,
      // The last resort has none behind it: the letter stays and is tried again.
      bury: () => Promise.reject(new Error('a dead letter cannot be dead-lettered')),
    };
  }

  /** Through Nest's pipeline, so that interceptors and request scope work; the handler's own error comes back untouched. */
  async #call(handler: MessageHandler, payload: unknown): Promise<void> {
    const handover = new Handover(payload);
    const result: unknown = await handler(handover, undefined);
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    if (handover.failure) throw handover.failure.error;
  }
}

function readEvent(message: Delivered, type: EventType): Read<ReceivedEvent> {
  const decoded = decodeEvent(message, type);
  if (!decoded.ok) return decoded;
  const why = contractProblem(type, decoded.event.body);
  return why === undefined ? { ok: true, item: decoded.event } : { ok: false, why };
}

function streamOf(type: EventType): StreamDeclaration {
  const subject = `evt.${type.slice(0, type.indexOf('.'))}.>`;
  const stream = (STREAMS as readonly StreamDeclaration[]).find(({ subjects }) => subjects.includes(subject));
  if (!stream) throw new Error(`no stream in the contracts takes "${subject}"`);
  return stream;
}
