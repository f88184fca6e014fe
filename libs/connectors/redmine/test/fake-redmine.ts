import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeEntry {
  id: number;
  project: { id: number; name: string };
  user: { id: number; name: string };
  activity: { id: number; name: string };
  hours: number;
  comments: string;
  spent_on: string;
  created_on: string;
  updated_on: string;
  custom_fields: { id: number; name: string; value: string }[];
}

const KEY = 'right-key';

/** Redmine as measured: a wrong key gets empty lists, pages are capped at 100 in silence, filters it cannot read are ignored. */
export class FakeRedmine {
  readonly key = KEY;
  readonly entries: (FakeEntry | Record<string, unknown>)[] = [];
  readonly projects: Record<string, unknown>[] = [
    { id: 1, name: 'Alpha', identifier: 'alpha', status: 1, custom_fields: [{ id: 9, name: 'Billable', value: '1' }] },
    { id: 2, name: 'Beta', identifier: 'beta', status: 5, custom_fields: [] },
  ];
  readonly users = [
    { id: 11, firstname: 'A', custom_fields: [{ id: 2, name: 'Employee no', value: 'E101' }] },
    { id: 12, firstname: 'B', custom_fields: [{ id: 2, name: 'Employee no', value: '' }] },
  ];
  /** Called before a page of entries is answered: the moment to change the list under the reader. */
  beforePage: ((offset: number) => void) | undefined;
  revoked = false;
  #nextId = 100;
  #tick = Date.parse('2026-11-20T08:00:00Z');
  readonly #server = createServer((request, response) => this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  add(entry: { hours: number; approval: string; spentOn: string; userId?: number; projectId?: number }): number {
    const id = this.#nextId++;
    const at = this.#now();
    this.entries.push({
      id,
      project: { id: entry.projectId ?? 1, name: 'Alpha' },
      user: { id: entry.userId ?? 11, name: 'Ada Person' },
      activity: { id: 9, name: 'Development' },
      hours: entry.hours,
      comments: 'private words',
      spent_on: entry.spentOn,
      created_on: at,
      updated_on: at,
      custom_fields: [{ id: 1, name: 'Approval', value: entry.approval }],
    });
    return id;
  }
  edit(id: number, hours: number): void {
    const entry = this.entries.find((one) => one['id' as keyof typeof one] === id) as FakeEntry;
    entry.hours = hours;
    entry.updated_on = this.#now();
  }
  remove(id: number): void {
    const at = this.entries.findIndex((one) => (one as FakeEntry).id === id);
    this.entries.splice(at, 1);
  }
  /** Redmine's clock says seconds. */
  #now(): string {
    this.#tick += 1000;
    return new Date(this.#tick).toISOString().replace('.000', '');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fake');
    const known = request.headers['x-redmine-api-key'] === KEY && !this.revoked;
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    const offset = Number(url.searchParams.get('offset') ?? 0);
    const limit = Math.min(Number(url.searchParams.get('limit') ?? 25), 100);
    const list = (name: string, items: readonly unknown[]): void =>
      send(200, { [name]: items.slice(offset, offset + limit), total_count: items.length, offset, limit });
    switch (url.pathname) {
      case '/users/current.json':
        return known ? send(200, { user: { id: 1, login: 'admin' } }) : send(401, undefined);
      case '/users.json':
        return known ? list('users', this.users) : send(401, undefined);
      case '/projects.json':
        if (request.method === 'POST') return known ? void this.#create(request, send) : send(401, undefined);
        return list('projects', known ? this.projects : []);
      case '/time_entries.json':
        if (known) this.beforePage?.(offset);
        return list('time_entries', known ? this.#entriesBetween(url.searchParams.get('from'), url.searchParams.get('to')) : []);
      default:
        return this.#project(url.pathname, known, send);
    }
  }

  /** As Redmine 5: a private project is not found without a good key, an archived one is forbidden to all. */
  #project(path: string, known: boolean, send: (status: number, body: unknown) => void): void {
    const [, identifier] = /^\/projects\/([^/]+)\.json$/.exec(path) ?? [];
    const project = known ? this.projects.find((one) => one['identifier'] === identifier) : undefined;
    if (!project) return send(404, undefined);
    return project['status'] === 9 ? send(403, undefined) : send(200, { project });
  }

  async #create(request: IncomingMessage, send: (status: number, body: unknown) => void): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { project } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { project: { identifier: string; name: string } };
    const errors: string[] = [];
    if (!/^(?!\d+$)[a-z0-9\-_]{1,100}$/.test(project.identifier)) errors.push('Identifier is invalid');
    if (this.projects.some(({ identifier }) => identifier === project.identifier))
      errors.push('Identifier has already been taken');
    if (project.name === '') errors.push('Name cannot be blank');
    if (errors.length > 0) return send(422, { errors });
    const made = { ...project, id: this.#nextId++, status: 1, custom_fields: [] };
    this.projects.push(made);
    send(201, { project: made });
  }

  #entriesBetween(from: string | null, to: string | null): unknown[] {
    return this.entries.filter((entry) => {
      const date = (entry as FakeEntry).spent_on;
      return typeof date !== 'string' || ((from === null || date >= from) && (to === null || date <= to));
    });
  }
}
