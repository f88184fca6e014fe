import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import { delivered, type Delivered } from './delivered.js';
import type { NatsLink } from './link.js';

const NANOS = 1_000_000;
const EXPIRES_MS = 20_000;
const HEARTBEAT_MS = 2_000;
/** Three heartbeats missed: the consumer is gone and nobody told us. */
const SILENCE_MS = 3 * HEARTBEAT_MS;

export interface PullOptions {
  readonly link: NatsLink;
  readonly stream: string;
  readonly durable: string;
  /** How many more messages the holder can take. */
  readonly room: () => number;
  /** Ask again once there is room for this many: a request per message would cost more than the message. */
  readonly worthAsking: number;
  readonly onMessage: (message: Delivered) => void;
}

/**
 * Pull requests on one durable, one at a time, never for more than there is room for. (The client library's consume() asks
 * for more whatever is still unhandled, so that a slow handler would hoard what other replicas could do.)
 * `lost` resolves, with the reason, when the consumer is gone.
 */
export class Pull {
  readonly lost: Promise<string>;
  #lose!: (why: string) => void;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #unlisten: () => void;
  readonly #timer: NodeJS.Timeout;
  #request = 0;
  #outstanding = 0;
  #heardAt = 0;
  #live = true;
  #stopping = false;

  constructor(private readonly options: PullOptions) {
    this.lost = new Promise((resolve) => (this.#lose = resolve));
    const { link } = options;
    this.#subscription = link.nc.subscribe(`${this.#inbox}.*`, { callback: (error, message) => this.#receive(error, message) });
    // The server forgets waiting requests when the connection breaks.
    this.#unlisten = link.onReconnect(() => this.#renew());
    this.#timer = setInterval(() => this.#watch(), HEARTBEAT_MS / 2);
    this.ask();
  }

  /** Asks for messages if none are asked for and there is room. */
  ask(): void {
    const room = this.options.room();
    if (!this.#live || this.#stopping || this.#outstanding > 0 || room < this.options.worthAsking || !this.options.link.connected)
      return;
    this.#outstanding = room;
    this.#request++;
    this.#heardAt = performance.now();
    const request = { batch: room, expires: EXPIRES_MS * NANOS, idle_heartbeat: HEARTBEAT_MS * NANOS };
    try {
      this.options.link.nc.publish(
        `$JS.API.CONSUMER.MSG.NEXT.${this.options.stream}.${this.options.durable}`,
        JSON.stringify(request),
        {
          reply: `${this.#inbox}.${this.#request}`,
        },
      );
    } catch (error) {
      this.#end(`pull request failed: ${(error as Error).message}`);
    }
  }

  /** Asks for nothing more; resolves when what was on its way has arrived. Deliveries can still be acknowledged. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#unlisten();
    if (this.options.link.connected && !this.#subscription.isClosed()) await this.#subscription.drain().catch(() => undefined);
    else this.#subscription.unsubscribe();
  }

  #receive(error: Error | null, message: Msg): void {
    this.#heardAt = performance.now();
    if (error) return this.#end(error.message);
    // Deliveries carry their own subject, the server's remarks the inbox.
    if (!message.subject.startsWith(this.#inbox)) {
      this.#outstanding = Math.max(0, this.#outstanding - 1);
      this.options.onMessage(delivered(this.options.link.nc, message, () => this.#live));
      return this.ask();
    }
    if (message.subject !== `${this.#inbox}.${this.#request}`) return;
    this.#remark(message.headers?.code ?? 0, message.headers?.description ?? '');
  }

  #remark(code: number, description: string): void {
    if (code === 100) return;
    if (code === 404 || code === 408 || /leadership change|server shutdown|maxwaiting/i.test(description)) {
      this.#outstanding = 0;
      // An expired request is renewed at once; anything else a heartbeat later, lest two sides play ping-pong.
      if (code === 408) this.ask();
      return;
    }
    this.#end(`${code} ${description || 'no responders'}`);
  }

  #renew(): void {
    this.#outstanding = 0;
    this.ask();
  }

  #watch(): void {
    if (this.#outstanding === 0 || !this.options.link.connected) return this.ask();
    if (performance.now() - this.#heardAt > SILENCE_MS) this.#end('no heartbeat');
  }

  #end(why: string): void {
    if (!this.#live || this.#stopping) return;
    this.#live = false;
    clearInterval(this.#timer);
    this.#unlisten();
    this.#subscription.unsubscribe();
    this.#lose(why);
  }
}
