import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Panel } from '../kit/panel.js';
import { dropConnection, startSystem, VendorError, type RunningSystem, type SystemOptions } from '../kit/system.js';
import {
  ErpState,
  type Dimension,
  type ErpJournal,
  type ErpLine,
  type ErpPeriod,
  type NewJournal,
  type PeriodState,
} from './erp-state.js';

const MAX_IDS = 50;
const MAX_PAGE = 1000;

const head = ({ lines, ...journal }: ErpJournal): Record<string, unknown> => ({ ...journal, lineCount: lines.length });

const postJournal =
  (state: ErpState, panel: Panel) =>
  async (request: FastifyRequest<{ Body: NewJournal }>, reply: FastifyReply): Promise<unknown> => {
    const journal = request.body;
    const key = panel.settings.idempotencyKeys ? request.headers['idempotency-key'] : undefined;
    state.check(journal);
    if (panel.settings.latencyPerLineMs > 0) await delay(panel.settings.latencyPerLineMs * journal.lines.length);
    // From here to the booking nothing waits: two requests with one key cannot both pass the look-up.
    const replayed = typeof key === 'string' ? state.replayOf(key, journal) : undefined;
    if (replayed) return reply.status(201).header('idempotent-replay', 'true').send(head(replayed));
    state.check(journal);
    if (panel.take('created-nothing'))
      return reply.status(201).send({ ...head({ ...journal, journalNo: state.nextNo(), postedAt: new Date().toISOString() }) });
    const booked = state.book(journal, typeof key === 'string' ? key : undefined);
    if (panel.take('duplicate-accept')) state.book(journal);
    if (panel.take('commit-then-drop')) return dropConnection(request, reply);
    if (panel.take('commit-then-500')) throw new VendorError(500, 'INTERNAL', 'something went wrong');
    return reply.status(201).send(head(booked));
  };

const readRoutes = (app: FastifyInstance, state: ErpState, panel: Panel): void => {
  const visible = (journal: ErpJournal): boolean => Date.parse(journal.postedAt) + panel.settings.readLagMs <= Date.now();

  app.get<{ Querystring: { reference?: string; ids?: string } }>('/journals', (request) => {
    const { reference, ids } = request.query;
    if (reference !== undefined) return { items: state.byReference(reference).filter(visible).map(head) };
    if (ids === undefined) throw new VendorError(400, 'QUERY', 'give reference or ids');
    const wanted = ids.split(',').filter((id) => id !== '');
    if (wanted.length > MAX_IDS) throw new VendorError(400, 'QUERY', `at most ${MAX_IDS} ids`);
    return { items: wanted.flatMap((id) => state.journals.get(id) ?? []).filter(visible) };
  });

  app.get<{ Querystring: { from?: string; to?: string; company?: string; after?: string; limit?: string } }>(
    '/journal-lines',
    (request) => {
      const { from = '0000', to = '9999', company, after = '0:0' } = request.query;
      const limit = Math.min(Number(request.query.limit ?? MAX_PAGE), MAX_PAGE);
      const [afterNo = 0, afterIndex = 0] = after.split(':').map(Number);
      const items: Record<string, unknown>[] = [];
      for (const { lines, ...journal } of state.journals.values()) {
        if (Number(journal.journalNo) < afterNo || journal.journalDate < from || journal.journalDate > to) continue;
        if ((company !== undefined && journal.company !== company) || !visible({ lines, ...journal })) continue;
        for (const [index, line] of lines.entries()) {
          if (Number(journal.journalNo) === afterNo && index < afterIndex) continue;
          if (items.length === limit) return { items, next: `${journal.journalNo}:${index}` };
          items.push({ ...journal, ...line });
        }
      }
      return { items, next: null };
    },
  );
};

const masterRoutes = (app: FastifyInstance, state: ErpState): void => {
  app.get('/companies', () => ({ items: [...state.companies.values()] }));
  app.put<{ Params: { code: string }; Body: { currency: string } }>('/companies/:code', (request) => {
    state.putCompany(request.params.code, request.body.currency);
    return state.companies.get(request.params.code);
  });
  app.get<{ Querystring: { after?: string; limit?: string } }>('/accounting-periods', (request) => {
    const { after = '' } = request.query;
    const limit = Math.min(Number(request.query.limit ?? MAX_PAGE), MAX_PAGE);
    const rest = [...state.periods.entries()].filter(([id]) => id > after).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      items: rest.slice(0, limit).map(([id, period]) => ({ id, ...period })),
      next: rest.length > limit ? rest[limit - 1]![0] : null,
    };
  });
  app.put<{ Params: { company: string; name: string }; Body: { from?: string; to?: string; state: PeriodState } }>(
    '/accounting-periods/:company/:name',
    (request) => {
      const { company, name } = request.params;
      const known: Partial<ErpPeriod> = state.periods.get(`${company}/${name}`) ?? {};
      const { from = known.from ?? '', to = known.to ?? '', state: to_ } = request.body;
      state.putPeriod({ company, name, from, to, state: to_ });
      return state.periods.get(`${company}/${name}`);
    },
  );
  app.post<{ Params: { dimension: Dimension }; Body: { codes: string[] } }>('/dimensions/:dimension', (request) => {
    if (!(request.params.dimension in state.dimensions))
      throw new VendorError(404, 'NOT_FOUND', 'dimensions are accounts, employees, projects');
    state.addCodes(request.params.dimension, request.body.codes);
    return { count: state.dimensions[request.params.dimension].size };
  });
};

export interface SandboxErp extends RunningSystem {
  /** The books themselves, for tests that read or tamper past HTTP. */
  readonly state: ErpState;
}

export const startSandboxErp = async (options: SystemOptions = {}): Promise<SandboxErp> => {
  const state = new ErpState(options.dataFile);
  const panel = new Panel(options.panel);
  const system = await startSystem({
    name: 'sandbox-erp',
    panel,
    options,
    defaultKey: 'erp-key',
    keyOf: (request) => /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1],
    routes: (app) => {
      app.get('/status', () => ({ system: 'sandbox-erp', journals: state.journals.size }));
      app.post('/journals', postJournal(state, panel));
      readRoutes(app, state, panel);
      masterRoutes(app, state);
    },
    panelActions: (body) => {
      const { tamper } = body as { tamper?: { journalNo: string; lineRef: string; change: Partial<ErpLine> | null } };
      if (tamper) state.tamper(tamper.journalNo, tamper.lineRef, tamper.change);
    },
    close: () => state.close(),
  });
  return { ...system, state };
};
