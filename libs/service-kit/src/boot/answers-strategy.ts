import type { MessageHandler } from '@nestjs/microservices';
import { ServerNats } from '@nestjs/microservices';
import type { NatsLink } from '@tieout/messaging';
import { inSpan } from '@tieout/telemetry';

type Client = NatsLink['nc'];
type Subscription = ReturnType<Client['subscribe']>;
type NatsMessage = Parameters<ServerNats['handleMessage']>[1];

const DRAIN_LIMIT_MS = 5_000;

/**
 * Nest's own NATS request/reply (`@MessagePattern(subject)`) on the process's one connection. Replicas share the work: the queue group
 * is the service. The trace of whoever asks goes on here.
 */
export class AnswersStrategy extends ServerNats {
  readonly #inFlight = new Set<Promise<void>>();
  #subscriptions: Subscription[] = [];
  #bound: Client | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(
    private readonly link: NatsLink,
    private readonly service: string,
  ) {
    super({});
  }

  // An event handler here would take events past JetStream, unacknowledged.
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (!isEventHandler && typeof pattern === 'string') super.addHandler(pattern, callback, isEventHandler, extras);
  }

  override async listen(callback: (error?: unknown, ...rest: unknown[]) => void): Promise<void> {
    try {
      this.#bind();
      // After a reconnection the client subscribes again by itself, unless the link had to make a new one.
      this.#stopWatching ??= this.link.onReconnect(() => this.#bind());
      callback();
    } catch (error) {
      callback(error);
    }
  }

  override async handleMessage(channel: string, message: NatsMessage): Promise<void> {
    const traceparent = message.headers?.get('traceparent');
    const options = { kind: 'server' as const, ...(traceparent ? { parent: traceparent } : {}) };
    const work = inSpan(`answer ${channel}`, options, async () => void (await super.handleMessage(channel, message)));
    const settled = work.catch(() => undefined).finally(() => this.#inFlight.delete(settled));
    this.#inFlight.add(settled);
    return work;
  }

  /** Takes no more, finishes what is in hand; the connection belongs to the link. */
  override async close(): Promise<void> {
    this.#stopWatching?.();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_LIMIT_MS)));
    await Promise.race([Promise.all(this.#inFlight), limit]);
    clearTimeout(timer);
  }

  #bind(): void {
    const client = this.link.nc;
    if (client === this.#bound) return;
    this.#bound = client;
    this.#subscriptions = [...this.messageHandlers.keys()].map((subject) =>
      client.subscribe(subject, {
        queue: this.service,
        callback: (error, message) => void this.getMessageHandler(subject)(error, message),
      }),
    );
  }
}
