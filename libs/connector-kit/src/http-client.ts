import { Fault } from '@tieout/model';
import { exchangeKept, type PlainAnswer, type PlainRequest } from './kept-connections.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly timeoutMs: number;
  /**
   * `read`: repeating it changes nothing, so every failure is Unavailable.
   * `write`: once the request may have left, a missing answer is OutcomeUnknown.
   */
  readonly effect: 'read' | 'write';
  /**
   * What this vendor means, where a status says something else (throttling as 400, 401 or 503) or too little.
   * `rate-limited` and `credentials-rejected` promise that a write was not executed: say so only where the vendor checks first.
   */
  readonly meaning?: ((answer: RawAnswer) => 'rate-limited' | 'credentials-rejected' | undefined) | undefined;
}

export type RawAnswer = PlainAnswer;

export interface HttpAnswer extends RawAnswer {
  /** @throws Fault ContractBroken when the body is not JSON. */
  json(): unknown;
}

/** Connection refused and failed look-ups happen before a byte is sent; everything else may have reached the other side. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const codeOf = (error: unknown): string | undefined => {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string') return e.code;
    if (e instanceof AggregateError && e.errors.length > 0) return codeOf(e.errors[0]);
  }
  return undefined;
};

/** Milliseconds from Retry-After, in both of its forms. */
export const retryAfterMs = (headers: Headers, nowMs: number): number | undefined => {
  const raw = headers.get('retry-after');
  if (raw === null) return undefined;
  if (/^\d+$/.test(raw.trim())) return Number(raw) * 1000;
  const at = Date.parse(raw);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
};

/** Throws what a status means as a fault; anything else is for the connector to read. */
const failOn = (answer: RawAnswer, { effect, meaning }: HttpRequest, place: string): void => {
  const { status, headers } = answer;
  const meant = meaning?.(answer);
  if (status === 429 || meant === 'rate-limited') {
    const wait = retryAfterMs(headers, Date.now());
    throw new Fault('RateLimited', `${place}: ${status}`, wait === undefined ? {} : { retryAfterMs: wait });
  }
  const refused = status === 401 || status === 403;
  if (meant === 'credentials-rejected' || (refused && effect === 'read'))
    throw new Fault('CredentialsRejected', `${place}: ${status}`);
  // A session may end after the commit and before the answer. If it was the credentials, the next read says so.
  if (refused) throw new Fault('OutcomeUnknown', `${place}: ${status}, which does not say that nothing was done`);
  // A 503 is no promise either: a proxy in between may answer it after the destination booked.
  // Nor is a redirect, which is not followed: whoever sent it may have done what was asked.
  if (status >= 500 || (status >= 300 && status < 400))
    throw new Fault(effect === 'write' ? 'OutcomeUnknown' : 'Unavailable', `${place}: ${status}`);
};

const exchangeBy =
  (fetchImpl: typeof fetch) =>
  async (url: string, { method, headers, body, timeoutMs }: PlainRequest): Promise<PlainAnswer> => {
    const response = await fetchImpl(url, {
      method,
      headers,
      ...(body !== undefined && { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

/**
 * One HTTP exchange; no retries here. 4xx other than 401, 403 and 429 are answers, for the connector to read. Without `fetchImpl` over
 * connections that are kept for the next request.
 * @throws Fault Unavailable, RateLimited, CredentialsRejected, OutcomeUnknown (writes only)
 */
export const httpExchange = async (request: HttpRequest, fetchImpl?: typeof fetch): Promise<HttpAnswer> => {
  const { method, url, timeoutMs, effect } = request;
  const place = `${method} ${new URL(url).origin}${new URL(url).pathname}`;
  const body = request.json === undefined ? undefined : JSON.stringify(request.json);
  const headers = {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...request.headers,
  };
  const exchange = fetchImpl === undefined ? exchangeKept : exchangeBy(fetchImpl);
  const answer = await exchange(url, { method, headers, body, timeoutMs }).catch((cause: unknown): never => {
    const code = codeOf(cause);
    const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
    const what = timedOut ? `no answer within ${timeoutMs} ms` : (code ?? 'connection failed');
    if (effect === 'write' && !(code !== undefined && NEVER_SENT.has(code)))
      throw new Fault('OutcomeUnknown', `${place}: ${what} after the request may have left`, { cause });
    throw new Fault('Unavailable', `${place}: ${what}`, { cause });
  });
  failOn(answer, request, place);
  return {
    ...answer,
    json: () => {
      try {
        return JSON.parse(answer.text) as unknown;
      } catch (cause) {
        throw new Fault('ContractBroken', `${place}: ${answer.status} with a body that is not JSON`, { cause });
      }
    },
  };
};
