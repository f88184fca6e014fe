import { EVENT_HEADERS } from '@tieout/contracts';
import { Fault } from '@tieout/model';
import { currentTraceparent } from '@tieout/telemetry';
import { headers } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import type { NatsLink } from './link.js';

/** The other service answered that it will not: in the terms of RFC 9457. */
export class AnswerProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly code: string | undefined,
    /** All that the answer holds; some kinds of no say more than the others. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail === '' ? title : `${title}: ${detail}`);
    this.name = 'AnswerProblem';
  }
}

interface NestAnswer {
  readonly err?: unknown;
  readonly response?: unknown;
}

/** Questions and commands to other services: NATS request and reply, in the envelope that Nest's NATS transport answers. */
export class Questions {
  constructor(private readonly link: NatsLink) {}

  /** @throws Fault Unavailable when nobody answers in time; AnswerProblem when the answer is no */
  ask<A>(subject: string, body: unknown, timeoutMs = 5_000): Promise<A> {
    return this.#request<A>(subject, body, timeoutMs);
  }

  /** The same for a command. After Fault Unavailable it may have been carried out: commands are safe to repeat. */
  command<A = void>(subject: string, body: unknown, timeoutMs = 10_000): Promise<A> {
    return this.#request<A>(subject, body, timeoutMs);
  }

  async #request<A>(subject: string, body: unknown, timeoutMs: number): Promise<A> {
    if (!this.link.connected) throw new Fault('Unavailable', `not connected to NATS; "${subject}" was not asked`);
    const out = headers();
    const traceparent = currentTraceparent();
    if (traceparent) out.set(EVENT_HEADERS.traceparent, traceparent);
    let text: string;
    try {
      const packet = JSON.stringify({ pattern: subject, data: body, id: randomUUID() });
      text = (await this.link.nc.request(subject, packet, { timeout: timeoutMs, headers: out })).string();
    } catch (cause) {
      throw new Fault('Unavailable', `no answer to "${subject}" within ${timeoutMs} ms`, { cause });
    }
    return readAnswer<A>(subject, text);
  }
}

export function readAnswer<A>(subject: string, text: string): A {
  let answer: NestAnswer;
  try {
    answer = JSON.parse(text) as NestAnswer;
  } catch (cause) {
    throw new Fault('ContractBroken', `the answer to "${subject}" is not JSON`, { cause });
  }
  if (answer.err === undefined || answer.err === null) return answer.response as A;
  if (typeof answer.err !== 'object') throw new AnswerProblem(500, String(answer.err), '', undefined);
  const body = answer.err as Record<string, unknown>;
  const { status, title, detail, code, message } = body;
  throw new AnswerProblem(
    typeof status === 'number' ? status : 500,
    typeof title === 'string' ? title : typeof message === 'string' ? message : 'The question could not be answered',
    typeof detail === 'string' ? detail : '',
    typeof code === 'string' ? code : undefined,
    body,
  );
}
