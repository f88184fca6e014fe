import { setTimeout as delay } from 'node:timers/promises';
import type { EventType, StreamName } from '@tieout/contracts';
import { Logger } from '@nestjs/common';
import { JetStreamApiError, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { contractProblem } from './contract-check.js';
import { decodeEvent, type ReceivedEvent } from './headers.js';
import type { NatsLink } from './link.js';

/** `again`: what stands there is to be offered again in a while, though it is the same. */
export type Followed = 'settled' | 'again';

export interface SubjectFollowerOptions {
  readonly link: NatsLink;
  /** Keeps the last message per subject. */
  readonly stream: StreamName;
  readonly subject: string;
  readonly type: EventType;
  /** Called with one message at a time; at times again with one that was taken before. What it throws is `again`. */
  readonly onEvent: (event: ReceivedEvent) => Promise<Followed>;
  /** What stands there is no message of the type. */
  readonly onRefused: (why: string) => Promise<Followed>;
  /** How often the stream is asked whether anything is new (1 s). */
  readonly everyMs?: number;
}

const NO_STREAM = 10059;
const AGAIN_MS = 5_000;

/**
 * Follows one subject of a stream, for this process alone: what stands there last, then what comes. It asks for the stream's last sequence,
 * some hundred bytes, and reads the message when that has moved. There is nothing at the server that could be lost with a stream, and
 * no subscription on the subject itself: with one, a publisher could not tell any longer that no stream takes what it says.
 */
export class SubjectFollower {
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #following: Promise<void> = Promise.resolve();
  /** The state of the stream in which the message was read. */
  #settledAt = '';
  /** What stood there was not settled in this state of the stream: the same is offered again then, another at once. */
  #again = { state: '', atMs: 0 };
  #askAtMs = 0;
  #troubled = false;

  constructor(private readonly options: SubjectFollowerOptions) {
    this.#logger = new Logger(options.subject);
  }

  /** Resolves when what stands there was taken, or could not be read just now. */
  async start(): Promise<void> {
    await this.#look();
    this.#following = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await delay(this.options.everyMs ?? 1_000, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    try {
      if (this.options.link.connected && performance.now() >= this.#askAtMs) await this.#read();
      this.#troubled = false;
    } catch (error) {
      this.#askAtMs = performance.now() + AGAIN_MS;
      // Once per trouble: it goes on every few seconds.
      if (!this.#troubled) this.#logger.warn(`cannot be followed now (${(error as Error).message}); trying again`);
      this.#troubled = true;
    }
  }

  async #read(): Promise<void> {
    const { link, stream, subject } = this.options;
    const jsm = await jetstreamManager(link.nc, { checkAPI: false });
    const state = await this.#stateOf(jsm);
    if (state === undefined || state === this.#settledAt) return;
    if (state === this.#again.state && performance.now() < this.#again.atMs) return;
    const stored = await jsm.streams.getMessage(stream, { last_by_subj: subject });
    const outcome = stored === null ? 'settled' : await this.#take(stored.header, stored.data);
    if (outcome === 'settled') this.#settledAt = state;
    else this.#again = { state, atMs: performance.now() + AGAIN_MS };
  }

  /** Another one when a message came, or when the stream was made anew; undefined: there is no stream. */
  async #stateOf(jsm: JetStreamManager): Promise<string | undefined> {
    try {
      const { created, state } = await jsm.streams.info(this.options.stream);
      return `${created} ${state.last_seq}`;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_STREAM) return undefined;
      throw error;
    }
  }

  #take(headers: Parameters<typeof decodeEvent>[0]['headers'], data: Uint8Array): Promise<Followed> {
    const { subject, type, onEvent, onRefused } = this.options;
    const decoded = decodeEvent({ subject, headers, data, deliveryCount: 1, streamSequence: 0 }, type);
    if (!decoded.ok) return onRefused(decoded.why);
    const why = contractProblem(type, decoded.event.body);
    return why === undefined ? onEvent(decoded.event) : onRefused(why);
  }
}
