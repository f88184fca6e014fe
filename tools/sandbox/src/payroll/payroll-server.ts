import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Panel } from '../kit/panel.js';
import { dropConnection, startSystem, VendorError, type RunningSystem, type SystemOptions } from '../kit/system.js';
import { PayrollState, type NewBatch, type PayBatch, type PayDimension, type PayLine, type PayPeriod } from './payroll-state.js';

const MAX_TICKETS = 50;
const MAX_PAGE = 1000;

const queued = (ticket: string): Record<string, unknown> => ({ ticket, status: 'queued' });

const takeBatch =
  (state: PayrollState, panel: Panel) =>
  async (request: FastifyRequest<{ Body: NewBatch }>, reply: FastifyReply): Promise<unknown> => {
    const batch = request.body;
    state.check(batch);
    if (panel.settings.latencyPerLineMs > 0) await delay(panel.settings.latencyPerLineMs * batch.lines.length);
    state.check(batch);
    if (panel.take('created-nothing')) return reply.status(202).send(queued(state.nextTicket()));
    const taken = state.take(batch);
    if (panel.take('duplicate-accept')) state.take(batch);
    if (panel.take('commit-then-drop')) return dropConnection(request, reply);
    if (panel.take('commit-then-500')) throw new VendorError(500, 'INTERNAL', 'something went wrong');
    return reply.status(202).send(queued(taken.ticket));
  };

const readRoutes = (app: FastifyInstance, state: PayrollState, panel: Panel): void => {
  const visible = (batch: PayBatch): boolean => Date.parse(batch.receivedAt) + panel.settings.readLagMs <= Date.now();
  const withStatus = (batch: PayBatch): Record<string, unknown> => {
    const status = state.statusOf(batch);
    return {
      ...batch,
      status,
      readyAt: undefined,
      errors: status === 'refused' ? batch.errors : undefined,
      ...(status === 'acknowledged' && { acknowledgement: state.acknowledgementOf(batch) }),
    };
  };
  const head = (batch: PayBatch): Record<string, unknown> => ({ ...withStatus(batch), lines: undefined });

  app.get<{ Params: { ticket: string } }>('/batches/:ticket', (request) => {
    const batch = state.batches.get(request.params.ticket);
    if (!batch) throw new VendorError(404, 'NOT_FOUND', `ticket ${request.params.ticket} does not exist`);
    return head(batch);
  });
  app.get<{ Querystring: { reference?: string; tickets?: string; from?: string; to?: string; after?: string; limit?: string } }>(
    '/batches',
    (request) => {
      const { reference, tickets, from = '0000', to = '9999', after = '0' } = request.query;
      if (reference !== undefined) return { items: state.byReference(reference).filter(visible).map(head) };
      if (tickets !== undefined) {
        const wanted = tickets.split(',').filter((ticket) => ticket !== '');
        if (wanted.length > MAX_TICKETS) throw new VendorError(400, 'QUERY', `at most ${MAX_TICKETS} tickets`);
        return {
          items: wanted
            .flatMap((ticket) => state.batches.get(ticket) ?? [])
            .filter(visible)
            .map(withStatus),
        };
      }
      const limit = Math.min(Number(request.query.limit ?? MAX_PAGE), MAX_PAGE);
      const rest = [...state.batches.values()].filter(
        (batch) => Number(batch.ticket) > Number(after) && batch.bookingDate >= from && batch.bookingDate <= to && visible(batch),
      );
      const page = rest.slice(0, limit);
      return { items: page.map(withStatus), next: rest.length > limit ? page.at(-1)!.ticket : null };
    },
  );
  app.get<{ Querystring: { payGroup?: string; payPeriod?: string } }>('/person-totals', (request) => ({
    items: state.personTotals(request.query.payGroup ?? '', request.query.payPeriod ?? ''),
  }));
};

const masterRoutes = (app: FastifyInstance, state: PayrollState): void => {
  app.get('/pay-periods', () => ({ items: [...state.periods.values()] }));
  app.put<{ Params: { payGroup: string; name: string }; Body: Partial<PayPeriod> }>('/pay-periods/:payGroup/:name', (request) => {
    const { payGroup, name } = request.params;
    const known: Partial<PayPeriod> = state.periods.get(`${payGroup}/${name}`) ?? {};
    const { from = known.from ?? '', to = known.to ?? '', state: to_ = known.state ?? 'open' } = request.body;
    state.putPeriod({ payGroup, name, from, to, state: to_ });
    return state.periods.get(`${payGroup}/${name}`);
  });
  app.post<{ Params: { dimension: PayDimension }; Body: { codes: string[] } }>('/dimensions/:dimension', (request) => {
    if (!(request.params.dimension in state.dimensions))
      throw new VendorError(404, 'NOT_FOUND', 'dimensions are employees, payCodes');
    state.addCodes(request.params.dimension, request.body.codes);
    return { count: state.dimensions[request.params.dimension].size };
  });
};

/** Switches that only this system has; in the body of `POST /_panel`. */
interface PayrollSwitches {
  readonly processing?: { readonly delayMs?: number; readonly cutNegatives?: boolean };
  readonly tamper?: { readonly ticket: string; readonly lineRef: string; readonly change: Partial<PayLine> | null };
}

export interface SandboxPayroll extends RunningSystem {
  /** What the bureau holds, for tests that read or tamper past HTTP. */
  readonly state: PayrollState;
}

export const startSandboxPayroll = async (options: SystemOptions = {}): Promise<SandboxPayroll> => {
  const state = new PayrollState(options.dataFile);
  const panel = new Panel(options.panel);
  const system = await startSystem({
    name: 'sandbox-payroll',
    panel,
    options,
    defaultKey: 'payroll-key',
    keyOf: (request) => request.headers['x-api-key'] as string | undefined,
    routes: (app) => {
      app.get('/status', () => ({ system: 'sandbox-payroll', batches: state.batches.size }));
      app.post('/batches', takeBatch(state, panel));
      readRoutes(app, state, panel);
      masterRoutes(app, state);
    },
    panelActions: (body) => {
      const { processing = {}, tamper } = body as PayrollSwitches;
      state.processingMs = processing.delayMs ?? state.processingMs;
      state.cutNegatives = processing.cutNegatives ?? state.cutNegatives;
      if (tamper) state.tamper(tamper.ticket, tamper.lineRef, tamper.change);
    },
    close: () => state.close(),
  });
  return { ...system, state };
};
