import { setTimeout as delay } from 'node:timers/promises';
import type { EventType, StreamName } from '@tieout/contracts';
import { Logger } from '@nestjs/common';
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import { contractProblem } from './contract-check.js';
import { decodeEvent, type Encoded, type ReceivedEvent } from './headers.js';
import type { NatsLink } from './link.js';

export interface SubjectFollowerOptions {
  readonly link: NatsLink;
  /** Keeps the last message per subject. */
  readonly stream: StreamName;
  readonly subject: string;
  readonly type: EventType;
  /** Called with one message at a time. Again and again with the one that stands there: it must know what it has taken. */
  readonly onEvent: (event: ReceivedEvent) => Promise<void>;
  /** What stands there, or has just been said, is no message of the type. */
  readonly onRefused: (why: string) => Promise<void>;
  /** How often what stands there is read (5 s), in case that a live message was missed or the stream was put back. */
  readonly everyMs?: number;
}

type Client = NatsLink['nc'];
type Subscription = ReturnType<Client['subscribe']>;

const NO_STREAM = 10059;

const said = (subject: string, headers: Encoded['headers'], data: Uint8Array): Encoded => ({
  subject,
  headers,
  data,
  deliveryCount: 1,
  streamSequence: 0,
});

/**
 * Follows one subject, for this process alone: what stands there last, then what comes. It keeps no consumer at the server, so nothing has to
 * be made anew when a stream is deleted or a server comes back without it: the subscription is for speed, the reading for certainty.
 */
export class SubjectFollower {
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #subscription: Subscription | undefined;
  #bound: Client | undefined;
  #turn: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();
  #unlisten: () => void = () => undefined;
  #troubled = false;

  constructor(private readonly options: SubjectFollowerOptions) {
    this.#logger = new Logger(options.subject);
  }

  start(): void {
    this.#unlisten = this.options.link.onReconnect(() => this.#look());
    this.#reading = this.#readAgainAndAgain();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#unlisten();
    this.#subscription?.unsubscribe();
    await this.#reading;
    await this.#turn;
  }

  async #readAgainAndAgain(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#look();
      await this.#turn;
      await delay(this.options.everyMs ?? 5_000, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** After whatever is being taken now. */
  #look(): void {
    this.#after(() => this.#read());
  }

  #after(work: () => Promise<void>): void {
    this.#turn = this.#turn
      .then(() => (this.#stopping.signal.aborted ? undefined : work()))
      .then(
        () => void (this.#troubled = false),
        (error: unknown) => this.#tell(error),
      );
  }

  async #read(): Promise<void> {
    const { link, stream, subject } = this.options;
    if (!link.connected) return;
    // Before reading: what is said in between is heard.
    this.#subscribe(link.nc);
    const jsm = await jetstreamManager(link.nc, { checkAPI: false });
    const stored = await jsm.streams.getMessage(stream, { last_by_subj: subject }).catch((error: unknown) => {
      if (error instanceof JetStreamApiError && error.code === NO_STREAM) return null;
      throw error;
    });
    if (stored) await this.#take(said(subject, stored.header, stored.data));
  }

  #subscribe(client: Client): void {
    if (this.#bound === client) return;
    this.#bound = client;
    this.#subscription?.unsubscribe();
    this.#subscription = client.subscribe(this.options.subject, {
      callback: (error, { headers, data }) => {
        if (error === null) this.#after(() => this.#take(said(this.options.subject, headers, data)));
      },
    });
  }

  async #take(message: Encoded): Promise<void> {
    const { type, onEvent, onRefused } = this.options;
    const decoded = decodeEvent(message, type);
    const why = decoded.ok ? contractProblem(type, decoded.event.body) : decoded.why;
    if (decoded.ok && why === undefined) await onEvent(decoded.event);
    else await onRefused(why ?? 'it cannot be read');
  }

  /** Once per trouble: it is tried again every few seconds. */
  #tell(error: unknown): void {
    if (this.#troubled || this.#stopping.signal.aborted) return;
    this.#troubled = true;
    this.#logger.warn(`cannot be followed now (${(error as Error).message}); trying again`);
  }
}
