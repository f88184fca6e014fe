import { httpExchange, type HttpAnswer } from '@tieout/connector-kit';
import { Fault, type WorkDate } from '@tieout/model';
import type { RedminePage } from './redmine-types.js';

export interface RedmineAccess {
  readonly url: string;
  readonly key: string;
  readonly requestTimeoutMs: number;
}

export interface EntryRange {
  readonly from: WorkDate;
  /** Absent: no end. */
  readonly to?: WorkDate | undefined;
}

/** The only thing that is ever written to Redmine is a project that does not exist yet. */
export class RedmineClient {
  constructor(
    private readonly access: RedmineAccess,
    private readonly fetchImpl?: typeof fetch,
  ) {}

  /**
   * Lists answer 200 and nothing to a wrong key when Redmine does not require a login; this question answers 401.
   * @throws Fault CredentialsRejected
   */
  async verifyKey(): Promise<void> {
    const answer = await this.#get('/users/current.json', {});
    const body = answer.json() as { user?: { id?: unknown } } | null;
    if (answer.status !== 200 || typeof body?.user?.id !== 'number')
      throw this.#broken('/users/current.json', answer.status, 'no user in the answer');
  }

  /** In order of creation, and by id within a second: what is added while pages are read comes last. */
  async timeEntries(range: EntryRange, offset: number, limit: number): Promise<RedminePage> {
    return this.#page('/time_entries.json', 'time_entries', {
      from: range.from,
      ...(range.to !== undefined && { to: range.to }),
      sort: 'created_on:asc',
      offset: String(offset),
      limit: String(limit),
    });
  }

  /** All users, locked ones too: their time stays. Needs an administrator's key. */
  users(offset: number, limit: number): Promise<RedminePage> {
    return this.#page('/users.json', 'users', { status: '', offset: String(offset), limit: String(limit) });
  }

  projects(offset: number, limit: number): Promise<RedminePage> {
    return this.#page('/projects.json', 'projects', { offset: String(offset), limit: String(limit) });
  }

  /** @returns undefined when there is none that this key may see. */
  async project(identifier: string): Promise<unknown> {
    const path = `/projects/${encodeURIComponent(identifier)}.json`;
    const answer = await this.#get(path, {});
    if (answer.status === 404) return undefined;
    const body = answer.json() as { project?: unknown } | null;
    if (answer.status !== 200 || body?.project === undefined) throw this.#broken(path, answer.status, 'expected "project"');
    return body.project;
  }

  createProject(project: Readonly<Record<string, unknown>>): Promise<HttpAnswer> {
    return httpExchange(
      {
        method: 'POST',
        url: `${this.access.url}/projects.json`,
        headers: { 'X-Redmine-API-Key': this.access.key },
        json: { project },
        timeoutMs: this.access.requestTimeoutMs,
        effect: 'write',
      },
      this.fetchImpl,
    );
  }

  async #page(path: string, list: string, query: Readonly<Record<string, string>>): Promise<RedminePage> {
    const answer = await this.#get(path, query);
    const body = answer.json() as Record<string, unknown> | null;
    const items = body?.[list];
    const total = body?.['total_count'];
    if (answer.status !== 200 || !Array.isArray(items) || typeof total !== 'number')
      throw this.#broken(path, answer.status, `expected "${list}" and "total_count"`);
    return { items, total };
  }

  #get(path: string, query: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const search = new URLSearchParams(query).toString();
    return httpExchange(
      {
        method: 'GET',
        url: `${this.access.url}${path}${search === '' ? '' : `?${search}`}`,
        headers: { 'X-Redmine-API-Key': this.access.key },
        timeoutMs: this.access.requestTimeoutMs,
        effect: 'read',
      },
      this.fetchImpl,
    );
  }

  #broken(path: string, status: number, why: string): Fault {
    return new Fault('ContractBroken', `GET ${path}: ${status}, ${why}`);
  }
}
