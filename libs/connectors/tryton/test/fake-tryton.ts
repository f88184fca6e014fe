import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { searchRead, UserError, type Row, type Tables } from './fake-tables.js';

const date = (year: number, month: number, day: number) => ({ __class__: 'date', year, month, day });
const dec = (value: string) => ({ __class__: 'Decimal', decimal: value });
const cents = (value: unknown): bigint => {
  const [whole = '0', fraction = ''] = (value as { decimal: string }).decimal.split('.');
  if (fraction.length > 2)
    throw new UserError(
      `The number of digits in the value "Decimal('${(value as { decimal: string }).decimal}')" for field "Debit" in "Account Move Line" exceeds the limit of "2".`,
    );
  return BigInt(whole + fraction.padEnd(2, '0'));
};

const firm = (): Tables => ({
  'party.party': [
    { id: 1, name: 'Real GmbH', code: '1' },
    { id: 2, code: 'E101' },
    { id: 3, code: 'E102' },
    { id: 4, code: null },
  ],
  'currency.currency': [{ id: 1, code: 'EUR' }],
  'company.company': [{ id: 2, party: 1, currency: 1, timezone: 'Europe/Berlin' }],
  'company.employee': [
    { id: 1, party: 2, company: 2, start_date: date(2025, 1, 1), end_date: null },
    { id: 2, party: 3, company: 2, start_date: null, end_date: date(2026, 3, 31) },
    { id: 3, party: 4, company: 2 },
    { id: 4, party: 3, company: 9 },
  ],
  'company.employee_cost_price': [
    { id: 1, employee: 1, date: date(2026, 6, 1), cost_price: dec('50.2500') },
    { id: 2, employee: 1, date: date(2025, 1, 1), cost_price: dec('45.00') },
  ],
  'project.work.status': [
    { id: 1, progress: null },
    { id: 2, progress: 1 },
  ],
  'project.work': [
    { id: 1, name: 'p-101 Warehouse move', company: 2, type: 'project', status: 1 },
    { id: 2, name: 'p-102 Old thing', company: 2, type: 'project', status: 1, timesheet_end_date: date(2026, 6, 30) },
    {
      id: 3,
      name: 'p-103 Finished',
      company: 2,
      type: 'project',
      status: 2,
      write_date: { ...date(2026, 9, 2), __class__: 'datetime', hour: 1 },
    },
    { id: 4, name: 'a task', company: 2, type: 'task', status: 1 },
  ],
  'analytic_account.account': [
    { id: 1, name: 'Cost centres', code: null, company: 2, type: 'root' },
    { id: 2, name: 'Consulting', code: 'CC100', company: 2, type: 'normal' },
  ],
  'account.account.type': [
    { id: 1, expense: true },
    { id: 2, expense: false },
  ],
  'account.account': [
    { id: 3, code: '6000', company: 2, type: 1, closed: false },
    { id: 8, code: '2900', company: 2, type: 2, closed: false },
  ],
  'account.journal': [{ id: 2, code: 'EXP' }],
  'account.period': [
    {
      id: 9,
      name: '2026-09',
      company: 2,
      type: 'standard',
      state: 'closed',
      start_date: date(2026, 9, 1),
      end_date: date(2026, 9, 30),
    },
    {
      id: 10,
      name: '2026-10',
      company: 2,
      type: 'standard',
      state: 'open',
      start_date: date(2026, 10, 1),
      end_date: date(2026, 10, 31),
    },
    {
      id: 11,
      name: '2026-11',
      company: 2,
      type: 'standard',
      state: 'locked',
      start_date: date(2026, 11, 1),
      end_date: date(2026, 11, 30),
    },
  ],
  'account.move': [],
  'account.move.line': [],
});

type Creation = readonly ['create', readonly Record<string, unknown>[]];

/** Tryton as measured: business errors are HTTP 200, references need not be unique, unbalanced moves fail only when posted. */
export class FakeTryton {
  readonly tables = firm();
  readonly password = 'right';
  /** The next answers to writes, in place of Tryton's own. */
  readonly nextErrors: unknown[] = [];
  logins = 0;
  #sessions = new Set<string>();
  #lastId = 0;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
  endSessions(): void {
    this.#sessions.clear();
  }
  table(name: string): Row[] {
    return (this.tables[name] ??= []);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
      id: number;
      method: string;
      params: unknown[];
    };
    const answer = (status: number, body?: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    if (method === 'common.db.login') {
      const [user, secret] = params as [string, { password: string }];
      if (user !== 'admin' || secret.password !== this.password) return answer(401);
      const session = `session-${++this.logins}`;
      this.#sessions.add(Buffer.from(`admin:1:${session}`).toString('base64'));
      return answer(200, { id, result: [1, session] });
    }
    if (!this.#sessions.has((request.headers.authorization ?? '').replace('Session ', ''))) return answer(401);
    try {
      answer(200, { id, result: this.#call(method, params) });
    } catch (error) {
      if (error instanceof UserError) answer(200, { id, error: ['UserError', [error.message, '', null]] });
      else answer(200, { id, error: (error as { raw?: unknown }).raw ?? [String((error as Error).message), ''] });
    }
  }

  #call(method: string, params: readonly unknown[]): unknown {
    if (method === 'model.res.user.get_preferences') return { company: 2, language: 'de' };
    const [, model = '', verb = ''] = /^model\.(.+)\.(\w+)$/.exec(method) ?? [];
    if (verb === 'search_read') return searchRead(this.tables, model, params);
    if (verb === 'search') return searchRead(this.tables, model, params).map((row) => row.id);
    if (this.nextErrors.length > 0) throw { raw: this.nextErrors.shift() };
    const ids = params[0] as number[];
    switch (method) {
      case 'model.account.move.create':
        return (params[0] as Record<string, unknown>[]).map((move) => this.#createMove(move));
      case 'model.account.move.post':
        return ids.forEach((id) => this.#post(id)) ?? null;
      case 'model.account.move.delete':
        return ids.forEach((id) => this.#delete(id)) ?? null;
      default:
        throw new Error(`the fake knows no ${method}`);
    }
  }

  #createMove(values: Record<string, unknown>): number {
    const { lines, ...fields } = values;
    const period = this.table('account.period').find((row) => row.id === fields['period'])!;
    if (period['state'] !== 'open')
      throw new UserError(`You cannot create a journal-period in closed period "${String(period['name'])}".`);
    const created = (lines as Creation[]).flatMap(([, rows]) => rows);
    for (const line of created) {
      if (!this.table('account.account').some((row) => row.id === line['account']))
        throw new UserError(`The value "${String(line['account'])}" for field "Account" in "Account Move Line" does not exist.`);
      cents(line['debit']);
      cents(line['credit']);
    }
    const id = ++this.#lastId;
    this.table('account.move').push({ id, company: 2, state: 'draft', ...fields });
    for (const line of created) this.table('account.move.line').push({ id: ++this.#lastId, move: id, ...line });
    return id;
  }

  #post(id: number): void {
    const move = this.#move(id);
    if (move['state'] === 'posted') throw new UserError(`You cannot modify posted move "${id}".`);
    const lines = this.table('account.move.line').filter((line) => line['move'] === id);
    const balance = lines.reduce((sum, line) => sum + cents(line['debit']) - cents(line['credit']), 0n);
    if (balance !== 0n) throw new UserError(`To post move "${id}", you must balance all its lines debits and credits.`);
    move['state'] = 'posted';
  }

  #delete(id: number): void {
    if (this.#move(id)['state'] === 'posted') throw new UserError(`You cannot modify posted move "${id}".`);
    this.tables['account.move'] = this.table('account.move').filter((row) => row.id !== id);
    this.tables['account.move.line'] = this.table('account.move.line').filter((row) => row['move'] !== id);
  }

  #move(id: number): Row {
    const move = this.table('account.move').find((row) => row.id === id);
    if (!move) throw new UserError(`You are trying to read records "${id}" of "Account Move" that don't exist anymore.`);
    return move;
  }
}
