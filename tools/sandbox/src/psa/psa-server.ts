import type { FastifyInstance } from 'fastify';
import { importLists, listRoutes, ListStore, pageSizeOf } from '../kit/list-store.js';
import { Panel } from '../kit/panel.js';
import { projectRoutes } from '../kit/project-desk.js';
import { startSystem, VendorError, type RunningSystem, type SystemOptions } from '../kit/system.js';
import { TimesheetStore, type ImportedTimesheet, type TimesheetContent, type TimesheetStatus } from './timesheet-store.js';
import { Webhooks, type WebhookTarget } from './webhooks.js';

export const PSA_LISTS = ['clients', 'projects', 'tasks', 'assignments', 'bill-rates', 'approvers', 'milestones'] as const;

interface ById {
  Params: { id: string };
}
interface Window {
  Querystring: { from?: string; to?: string; after?: string; limit?: string };
}

const readRoutes = (app: FastifyInstance, sheets: TimesheetStore): void => {
  app.get('/v2/me', () => ({ system: 'sandbox-psa', timesheets: sheets.size }));
  app.get<{ Querystring: { after?: string; limit?: string } }>('/v2/timesheets/changes', (request) => {
    const after = Number(request.query.after ?? 0);
    if (!Number.isInteger(after) || after < 0) throw new VendorError(400, 'QUERY', 'after must be a whole number');
    return sheets.changes(after, pageSizeOf(request.query.limit));
  });
  app.get<Window>('/v2/timesheets/ids', (request) => {
    const { from = '', to = '9999', after = '', limit } = request.query;
    const page = sheets.window(from, to, after, pageSizeOf(limit));
    return { ids: page.sheets.map((sheet) => sheet.id), next: page.next, total: page.total };
  });
  app.get<Window>('/v2/reports/hours', (request) => {
    const { from = '', to = '9999', after = '', limit } = request.query;
    const page = sheets.window(from, to, after, pageSizeOf(limit));
    return {
      items: page.sheets.map(({ id, date, hours, status, changedAt }) => ({
        id,
        date,
        hours,
        approved: status === 'approved',
        changedAt,
      })),
      next: page.next,
      total: page.total,
    };
  });
  app.get<ById>('/v2/timesheets/:id', (request) => sheets.get(request.params.id));
};

const writeRoutes = (app: FastifyInstance, sheets: TimesheetStore, hooks: Webhooks): void => {
  const told = <T extends { readonly id: string }>(sheet: T): T => {
    hooks.changed([sheet.id]);
    return sheet;
  };
  app.post<{ Body: TimesheetContent & { id?: string; status?: TimesheetStatus } }>('/v2/timesheets', (request, reply) =>
    reply.status(201).send(told(sheets.create(request.body))),
  );
  app.patch<ById & { Body: TimesheetContent }>('/v2/timesheets/:id', (request) =>
    told(sheets.edit(request.params.id, request.body)),
  );
  app.post<ById & { Body: { by?: string; at?: string } | null }>('/v2/timesheets/:id/approve', (request) =>
    told(sheets.decide(request.params.id, 'approved', request.body?.by, request.body?.at)),
  );
  app.post<ById>('/v2/timesheets/:id/unapprove', (request) => told(sheets.decide(request.params.id, 'submitted')));
  app.post<ById>('/v2/timesheets/:id/reject', (request) => told(sheets.decide(request.params.id, 'rejected')));
  app.delete<ById>('/v2/timesheets/:id', (request, reply) => {
    sheets.remove(request.params.id);
    hooks.changed([request.params.id]);
    return reply.status(204).send();
  });
};

export interface SandboxPsa extends RunningSystem {
  readonly lists: ListStore;
  readonly timesheets: TimesheetStore;
}

export const startSandboxPsa = async (
  options: SystemOptions & { readonly webhookUrl?: string; readonly webhookSecret?: string } = {},
): Promise<SandboxPsa> => {
  const lists = new ListStore(PSA_LISTS, options.dataFile && `${options.dataFile}.lists`);
  const timesheets = new TimesheetStore(options.dataFile);
  const panel = new Panel(options.panel);
  const target: WebhookTarget = { url: options.webhookUrl, secret: options.webhookSecret ?? 'webhook-secret' };
  const hooks = new Webhooks(target, panel);
  const system = await startSystem({
    name: 'sandbox-psa',
    panel,
    options,
    defaultKey: 'psa-key',
    keyOf: (request) => {
      const key = request.headers['x-psa-key'];
      return typeof key === 'string' ? key : undefined;
    },
    routes: (app) => {
      readRoutes(app, timesheets);
      writeRoutes(app, timesheets, hooks);
      listRoutes(app, '/v2', lists);
      projectRoutes(app, {
        lists,
        panel,
        prefix: '/v2',
        code: 'code',
        reference: 'externalRef',
        problems: ({ client }) =>
          typeof client === 'string' && !lists.get('clients', client) ? [`client ${client} does not exist`] : [],
      });
      app.post<{ Body: Record<string, unknown> & { timesheets?: ImportedTimesheet[] }; Querystring: { existing?: string } }>(
        '/v2/import',
        (request) => {
          const keep = request.query.existing === 'keep';
          return {
            ...importLists(lists, request.body, keep),
            timesheetsChanged: timesheets.import(request.body.timesheets ?? [], keep),
          };
        },
      );
    },
    panelActions: (body) => {
      const { webhook } = body as { webhook?: Partial<WebhookTarget> };
      if (webhook) Object.assign(target, webhook);
    },
    close: () => {
      hooks.stop();
      lists.close();
      timesheets.close();
    },
  });
  return { ...system, lists, timesheets };
};
