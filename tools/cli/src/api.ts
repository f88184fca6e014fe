import { EXIT, type ExitCode } from './exit-codes.js';
import { Failure } from './failure.js';
import { urlOf, type Profile, type Service } from './profile.js';
import { signIn, type Identity } from './sign-in.js';

/** A plan over 100,000 entries answers at once with its id; nothing that a service is asked takes longer. */
const TIMEOUT_MS = 60_000;

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a service says no with: RFC 9457, as service-kit writes it. */
interface ProblemBody {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly whatToDo?: string;
  readonly errors?: readonly { readonly where: string; readonly why: string }[];
  readonly traceId?: string;
}

/** A service's no, with everything that stood in it. */
export class Refused extends Failure {
  constructor(
    exitCode: ExitCode,
    service: Service,
    readonly status: number,
    readonly body: ProblemBody & Readonly<Record<string, unknown>>,
  ) {
    const { title = `HTTP ${status}`, detail, code = `http-${status}`, whatToDo, errors = [], traceId } = body;
    super(exitCode, code, `${service}: ${title}${detail === undefined ? '' : `: ${detail}`}`, whatToDo, errors, traceId);
  }
}

/** The services, as one person. Signs in at the first request. */
export class Api {
  #token: Promise<string> | undefined;

  constructor(
    readonly profile: Profile,
    private readonly identity: Omit<Identity, 'profile'>,
    /** Told of what answers say beside their content: a path that ends, say. */
    private readonly notice: (text: string) => void,
  ) {}

  get<T>(service: Service, path: string, query: Query = {}): Promise<T> {
    return this.#json<T>(service, withQuery(path, query), {});
  }

  post<T>(service: Service, path: string, body: unknown = {}): Promise<T> {
    return this.#json<T>(service, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** The body as it comes, for what is larger than memory. */
  async stream(service: Service, path: string, query: Query = {}): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#request(service, withQuery(path, query), {}, undefined);
    return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
  }

  async #json<T>(service: Service, path: string, init: RequestInit): Promise<T> {
    const response = await this.#request(service, path, init, TIMEOUT_MS);
    const text = await response.text();
    try {
      return (text === '' ? {} : JSON.parse(text)) as T;
    } catch {
      throw new Failure(
        EXIT.bug,
        'not-json',
        `${service} answered ${path.split('?')[0]} with something that is not JSON`,
        `is ${urlOf(this.profile, service)} really ${service}?`,
      );
    }
  }

  async #request(service: Service, path: string, init: RequestInit, timeoutMs: number | undefined): Promise<Response> {
    const url = urlOf(this.profile, service);
    const token = await (this.#token ??= signIn({ ...this.identity, profile: this.profile }));
    const response = await fetch(`${url}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}`, accept: 'application/json' },
      ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
    }).catch((error: unknown) => {
      throw away(service, url, error);
    });
    this.#tellDeprecation(response, service, path);
    if (response.ok) return response;
    const body = (await response.json().catch(() => ({}))) as ProblemBody;
    throw new Refused(exitCodeOf(response.status), service, response.status, body as Refused['body']);
  }

  #tellDeprecation(response: Response, service: Service, path: string): void {
    const sunset = response.headers.get('sunset');
    if (response.headers.has('deprecation'))
      this.notice(
        `${service} ${path.split('?')[0]} is deprecated${sunset === null ? '' : ` and ends on ${sunset}`}; update tieout`,
      );
  }
}

const withQuery = (path: string, query: Query): string => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
};

/** "P-100/T1" as one segment of a path. */
export const segment = (text: string): string => encodeURIComponent(text);

const exitCodeOf = (status: number): ExitCode => {
  if (status === 401) return EXIT.notSignedIn;
  if (status >= 502 && status <= 504) return EXIT.away;
  return status >= 500 ? EXIT.bug : EXIT.refused;
};

const away = (service: Service, url: string, error: unknown): Failure => {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  return new Failure(
    EXIT.away,
    timedOut ? 'no-answer-in-time' : 'unreachable',
    timedOut ? `${service} at ${url} did not answer in time` : `${service} at ${url} cannot be reached`,
    timedOut
      ? 'do not repeat a change blindly: look first whether it took effect'
      : 'is it running? "npm start" starts everything here; otherwise check the address in the profile',
  );
};
