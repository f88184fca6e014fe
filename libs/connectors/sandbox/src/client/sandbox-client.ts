import { httpExchange, type HttpAnswer, type HttpRequest, type RawAnswer } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { SandboxConfig } from '../config.js';
import { isObject, type JsonObject } from './shape.js';

/** Codes by which the systems say "too many requests", whatever the status says (400, 401 or 503). */
const THROTTLED = new Set(['TOO_MANY_REQUESTS', 'REQUEST_LIMIT_EXCEEDED', 'INVALID_LOGIN', 'OVERLOADED']);
/** The key is checked before anything is done. Any other 401 (a session that ended) may come after the commit. */
const KEY_REFUSED = 'UNAUTHORISED';

const codeOf = (text: string): unknown => {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) && isObject(body['error']) ? body['error']['code'] : undefined;
  } catch {
    return undefined;
  }
};

const meaning = ({ status, text }: RawAnswer): ReturnType<NonNullable<HttpRequest['meaning']>> => {
  if (status < 400) return undefined;
  const code = codeOf(text);
  if (typeof code === 'string' && THROTTLED.has(code)) return 'rate-limited';
  return status === 401 && code === KEY_REFUSED ? 'credentials-rejected' : undefined;
};

/** Speaks HTTP to one sandbox system; they differ only in how they take their key. */
export class SandboxClient {
  constructor(
    private readonly config: SandboxConfig,
    private readonly keyHeader: Readonly<Record<string, string>>,
    private readonly fetchImpl: typeof fetch | undefined,
  ) {}

  /** @throws Fault ContractBroken for an answer that is neither 200 nor, where `absent` allows it, 404 or 410 (undefined). */
  async read(
    path: string,
    query: Readonly<Record<string, string | undefined>> = {},
    absent: readonly number[] = [],
  ): Promise<JsonObject | undefined> {
    const parameters = new URLSearchParams(
      Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    const url = `${this.config.url}${path}${parameters.size > 0 ? `?${parameters}` : ''}`;
    const answer = await this.#exchange({ method: 'GET', url, effect: 'read' });
    if (absent.includes(answer.status)) return undefined;
    const body = answer.json();
    if (answer.status !== 200 || !isObject(body))
      throw new Fault('ContractBroken', `GET ${path}: ${answer.status}, expected 200 with an object`);
    // A known habit of the system: 200 and an error in the body.
    if (isObject(body['error'])) throw new Fault('Unavailable', `GET ${path}: 200 with an error body`);
    return body;
  }
  async readPresent(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<JsonObject> {
    return (await this.read(path, query))!;
  }
  post(path: string, json: unknown, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    return this.#exchange({ method: 'POST', url: `${this.config.url}${path}`, effect: 'write', json, headers });
  }
  put(path: string, json: unknown): Promise<HttpAnswer> {
    return this.#exchange({ method: 'PUT', url: `${this.config.url}${path}`, effect: 'write', json });
  }
  remove(path: string): Promise<HttpAnswer> {
    return this.#exchange({ method: 'DELETE', url: `${this.config.url}${path}`, effect: 'write' });
  }
  #exchange(request: {
    method: 'GET' | 'POST' | 'PUT' | 'DELETE';
    url: string;
    effect: 'read' | 'write';
    json?: unknown;
    headers?: Readonly<Record<string, string>>;
  }): Promise<HttpAnswer> {
    return httpExchange(
      { ...request, meaning, headers: { ...this.keyHeader, ...request.headers }, timeoutMs: this.config.requestTimeoutMs },
      this.fetchImpl,
    );
  }
}

export const psaClient = (config: SandboxConfig, fetchImpl?: typeof fetch): SandboxClient =>
  new SandboxClient(config, { 'x-psa-key': config.key }, fetchImpl);
export const hrClient = (config: SandboxConfig, fetchImpl?: typeof fetch): SandboxClient =>
  new SandboxClient(config, { authorization: `ApiKey ${config.key}` }, fetchImpl);
export const erpClient = (config: SandboxConfig, fetchImpl?: typeof fetch): SandboxClient =>
  new SandboxClient(config, { authorization: `Bearer ${config.key}` }, fetchImpl);
export const crmClient = (config: SandboxConfig, fetchImpl?: typeof fetch): SandboxClient =>
  new SandboxClient(config, { 'x-crm-token': config.key }, fetchImpl);
