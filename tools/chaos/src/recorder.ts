import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { freePort } from '@tieout/local-servers';

/** A request that may book something. Times are milliseconds since the epoch. */
export interface WriteRequest {
  /** Path and document key: a repetition of the same request has the same. */
  readonly identity: string;
  readonly lines: number;
  readonly at: number;
  /** Of the answer; undefined: none came. */
  status?: number;
  endedAt?: number;
}

const LISTEN = '127.0.0.1';

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

const noted = (request: IncomingMessage, body: Buffer): WriteRequest => {
  const json = JSON.parse(body.toString() || '{}') as { reference?: string; lines?: unknown[] };
  const key = request.headers['idempotency-key'] ?? json.reference ?? '';
  const lines = Array.isArray(json.lines) ? json.lines.length : 0;
  return { identity: `${request.method} ${request.url} ${String(key)}`, lines, at: Date.now() };
};

/** Stands between Tieout and the ERP and writes down every request that may book. What passes is not changed, answers that fail neither. */
export class Recorder {
  readonly writes: WriteRequest[] = [];
  readonly #server: Server;

  private constructor(
    private readonly target: URL,
    readonly url: string,
  ) {
    this.#server = createServer((request, response) => void this.#relay(request, response).catch(() => response.destroy()));
  }
  static async start(targetUrl: string): Promise<Recorder> {
    const port = await freePort();
    const recorder = new Recorder(new URL(targetUrl), `http://${LISTEN}:${port}`);
    await new Promise<void>((resolve) => recorder.#server.listen(port, LISTEN, resolve));
    return recorder;
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    const note = writes ? noted(request, body) : undefined;
    if (note) this.writes.push(note);
    const { hostname, port } = this.target;
    const { method, url: path, headers } = request;
    const onward = send({ hostname, port, method, path, headers, agent: false }, (answer) => {
      if (note) note.status = answer.statusCode ?? 0;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    // A cut connection is cut on the other side too.
    onward.once('error', () => response.destroy());
    onward.once('close', () => note && (note.endedAt = Date.now()));
    response.once('close', () => onward.destroy());
    onward.end(body);
  }
}
