// By property and never `import { request }`: tracing puts itself in the place of the property, and a named import would go past it.
import http from 'node:http';
import https from 'node:https';

/** Unused connections are closed well before servers do (5 s is a usual limit): a request must not meet a closing one. */
const IDLE_MS = 4_000;
const KEPT = { keepAlive: true, timeout: IDLE_MS } as const;
const AGENTS = { 'http:': new http.Agent(KEPT), 'https:': new https.Agent(KEPT) } as const;

export interface PlainRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly timeoutMs: number;
}
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const headersOf = (raw: readonly string[]): Headers => {
  const headers = new Headers();
  for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i]!, raw[i + 1]!);
  return headers;
};

/**
 * One exchange over connections that are kept, one request at a time on each: about half the work of `fetch`, which counts where a
 * destination takes hundreds of small requests a second. Redirects are answers.
 * @throws Error of the network with its `code`; DOMException TimeoutError after `timeoutMs`
 */
export const exchangeKept = (address: string, { method, headers, body, timeoutMs }: PlainRequest): Promise<PlainAnswer> =>
  new Promise((resolve, reject) => {
    const url = new URL(address);
    const secure = url.protocol === 'https:';
    const options = {
      method,
      agent: secure ? AGENTS['https:'] : AGENTS['http:'],
      headers: body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    };
    const request = (secure ? https : http).request(url, options);
    const fail = (error: unknown): void => {
      clearTimeout(deadline);
      reject(error as Error);
      request.destroy();
    };
    const deadline = setTimeout(() => fail(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')), timeoutMs);
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(deadline);
        const text = chunks.length === 1 ? chunks[0]!.toString('utf8') : Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: headersOf(response.rawHeaders), text });
      });
    });
    request.end(body);
  });
