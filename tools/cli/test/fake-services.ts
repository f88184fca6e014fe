import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SERVICES } from '../src/profile.js';
import { run } from '../src/program.js';

/** "GET governance/policy/active" to what is answered: a body, or status, body and headers. */
export type Answers = Readonly<Record<string, unknown>>;

interface Whole {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
const isWhole = (answer: unknown): answer is Whole =>
  typeof answer === 'object' && answer !== null && 'status' in answer && 'body' in answer;

class InTurn {
  constructor(readonly answers: readonly unknown[]) {}
}
export const inTurn = (...answers: readonly unknown[]): unknown => new InTurn(answers);

export const status = (code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Whole => ({
  status: code,
  body,
  headers,
});

export const problem = (code: number, name: string, more: object = {}): Whole =>
  status(code, { title: 'No', detail: 'It is so.', status: code, code: name, whatToDo: 'Do otherwise.', ...more });

export const NOW = new Date('2026-11-23T12:00:00.000Z');

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was asked, in order: "POST governance/requests {...}". */
  readonly asked: readonly string[];
}

/** All services and the identity provider in one server that answers what it is told and keeps what it was asked. */
export class FakeServices {
  answers: Answers = {};
  readonly #asked: string[] = [];
  readonly tokens: (string | undefined)[] = [];
  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async start(): Promise<FakeServices> {
    const held: { services?: FakeServices } = {};
    const server = createServer((request, response) => void held.services!.#answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (held.services = new FakeServices(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** Where the services are, as the environment says it. */
  get env(): Record<string, string> {
    const urls = SERVICES.map((service) => [
      `TIEOUT_URL_${service.replaceAll('-', '_').toUpperCase()}`,
      `${this.url}/${service}`,
    ]);
    return { TIEOUT_TOKEN: 'a-token', ...(Object.fromEntries(urls) as Record<string, string>) };
  }

  /** Runs a command line with these answers. Ports and folders are taken out of what it says, so that it is the same everywhere. */
  async tieout(
    args: readonly string[],
    answers: Answers = {},
    env: Record<string, string> = this.env,
    cwd = '/',
  ): Promise<Outcome> {
    this.answers = answers;
    this.#asked.length = 0;
    const said = { out: '', err: '' };
    const code = await run(args, {
      env,
      cwd,
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      now: () => NOW,
      wait: () => Promise.resolve(),
    });
    const plain = (text: string) => text.replaceAll(this.url, 'http://fake');
    return { code, out: plain(said.out), err: plain(said.err), asked: [...this.#asked] };
  }

  /** Of several answers to the same question, one after the other; the last one stays. */
  #next(key: string, answer: unknown): unknown {
    if (!(answer instanceof InTurn)) return answer;
    const before = this.#asked.filter((line) => line === key).length - 1;
    return answer.answers[Math.min(before, answer.answers.length - 1)];
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = (request.url ?? '').slice(1);
    const key = `${request.method ?? ''} ${path}`;
    this.#asked.push(body === '' ? key : `${key} ${body}`);
    this.tokens.push(request.headers.authorization);
    const answer = this.#next(key, this.answers[key] ?? this.answers[key.split('?')[0]!] ?? problem(404, 'not-in-this-test'));
    const { status: code, body: content, headers = {} } = isWhole(answer) ? answer : { status: 200, body: answer };
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    response
      .writeHead(code, { 'content-type': code < 300 ? 'application/json' : 'application/problem+json', ...headers })
      .end(text);
  }
}
