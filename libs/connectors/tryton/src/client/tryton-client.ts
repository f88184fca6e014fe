import { httpExchange, type HttpRequest } from '@tieout/connector-kit';
import { Fault, isFault } from '@tieout/model';
import { errorOf, TrytonRefusal } from './tryton-error.js';

export interface TrytonAccess {
  readonly url: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly requestTimeoutMs: number;
}

interface Session {
  readonly authorization: string;
  /** Sent with every call: the company decides what the user sees; English, because closed periods are told by message. */
  readonly context: { readonly company: number; readonly language: 'en' };
}

type Domain = readonly unknown[];

/** Tryton looks at the session before it calls anything, so its 401 promises that a write was not executed. */
const meaning: HttpRequest['meaning'] = ({ status }) => (status === 401 ? 'credentials-rejected' : undefined);

/** JSON-RPC with a session. A session that ended is opened again once. */
export class TrytonClient {
  #session: Promise<Session> | undefined;
  #id = 0;

  constructor(
    private readonly access: TrytonAccess,
    private readonly fetchImpl?: typeof fetch,
  ) {}

  /** The company that the user works for. @throws Fault CredentialsRejected, ContractBroken when the user has none. */
  async company(): Promise<number> {
    return (await this.#open()).context.company;
  }

  searchRead<T>(
    model: string,
    domain: Domain,
    fields: readonly string[],
    page: { readonly limit?: number } = {},
  ): Promise<readonly T[]> {
    return this.#list<T>(`model.${model}.search_read`, [domain, 0, page.limit ?? null, [['id', 'ASC']], fields]);
  }

  search(model: string, domain: Domain): Promise<readonly number[]> {
    return this.#list<number>(`model.${model}.search`, [domain, 0, null, [['id', 'ASC']]]);
  }

  /** A call that changes something. @throws TrytonRefusal, Fault */
  write(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#call(method, params, 'write');
  }

  async #list<T>(method: string, params: readonly unknown[]): Promise<readonly T[]> {
    const result = await this.#call(method, params, 'read').catch((error: unknown) => {
      // A read that is refused (a model not installed, no right to see it) is no answer of "nothing".
      if (error instanceof TrytonRefusal) throw new Fault('ContractBroken', `${method}: ${error.message}`, { cause: error });
      throw error;
    });
    if (!Array.isArray(result)) throw new Fault('ContractBroken', `${method}: expected a list`);
    return result as readonly T[];
  }

  async #call(method: string, params: readonly unknown[], effect: 'read' | 'write'): Promise<unknown> {
    const session = await this.#open();
    try {
      return await this.#exchange(method, [...params, session.context], effect, session.authorization);
    } catch (error) {
      if (!isFault(error, 'CredentialsRejected')) throw error;
      // Sessions end after a time without use. A refused session executed nothing, so a write may go again.
      this.#session = undefined;
      const again = await this.#open();
      return this.#exchange(method, [...params, again.context], effect, again.authorization);
    }
  }

  #open(): Promise<Session> {
    this.#session ??= this.#login().catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  async #login(): Promise<Session> {
    const { user, password } = this.access;
    const answer = await this.#exchange('common.db.login', [user, { password }], 'read');
    const [uid, token] = Array.isArray(answer) ? (answer as unknown[]) : [];
    if (typeof uid !== 'number' || typeof token !== 'string')
      throw new Fault('CredentialsRejected', 'common.db.login: no session was given');
    const authorization = `Session ${Buffer.from(`${user}:${uid}:${token}`).toString('base64')}`;
    const preferences = (await this.#exchange('model.res.user.get_preferences', [true, {}], 'read', authorization)) as {
      company?: unknown;
    } | null;
    if (typeof preferences?.company !== 'number')
      throw new Fault('ContractBroken', 'the user works for no company in Tryton: set one in its preferences');
    return { authorization, context: { company: preferences.company, language: 'en' } };
  }

  async #exchange(
    method: string,
    params: readonly unknown[],
    effect: 'read' | 'write',
    authorization?: string,
  ): Promise<unknown> {
    const answer = await httpExchange(
      {
        method: 'POST',
        url: `${this.access.url}/${encodeURIComponent(this.access.database)}/`,
        ...(authorization !== undefined && { headers: { authorization } }),
        json: { id: ++this.#id, method, params },
        timeoutMs: this.access.requestTimeoutMs,
        effect,
        meaning,
      },
      this.fetchImpl,
    );
    if (answer.status !== 200) throw new Fault('ContractBroken', `${method}: ${answer.status}`);
    const body = this.#body(answer.json.bind(answer), method, effect);
    if (body.error !== undefined && body.error !== null) throw errorOf(body.error, method, effect);
    return body.result;
  }

  #body(json: () => unknown, method: string, effect: 'read' | 'write'): { result?: unknown; error?: unknown } {
    try {
      const body = json();
      if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
    } catch (cause) {
      // A proxy's page in place of the answer: the request may have gone through.
      if (effect === 'write') throw new Fault('OutcomeUnknown', `${method}: the answer is not JSON`, { cause });
      throw cause;
    }
    throw new Fault(
      effect === 'write' ? 'OutcomeUnknown' : 'ContractBroken',
      `${method}: expected an object with result or error`,
    );
  }
}
