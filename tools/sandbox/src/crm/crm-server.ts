import { importLists, listRoutes, ListStore } from '../kit/list-store.js';
import { Panel } from '../kit/panel.js';
import { startSystem, VendorError, type RunningSystem, type SystemOptions } from '../kit/system.js';
import { isStage, moveDeal, STAGES } from './deals.js';

export const CRM_LISTS = ['accounts', 'deals'] as const;

export interface SandboxCrm extends RunningSystem {
  readonly lists: ListStore;
}

export const startSandboxCrm = async (options: SystemOptions = {}): Promise<SandboxCrm> => {
  const lists = new ListStore(CRM_LISTS, options.dataFile);
  const system = await startSystem({
    name: 'sandbox-crm',
    panel: new Panel(options.panel),
    options,
    defaultKey: 'crm-key',
    keyOf: (request) => {
      const token = request.headers['x-crm-token'];
      return typeof token === 'string' ? token : undefined;
    },
    routes: (app) => {
      app.get('/crm/v1/session', () => ({ system: 'sandbox-crm' }));
      listRoutes(app, '/crm/v1', lists);
      app.post<{ Params: { id: string }; Body: { stage?: unknown; on?: string } | null }>(
        '/crm/v1/deals/:id/stage',
        (request) => {
          const { stage, on } = request.body ?? {};
          if (!isStage(stage)) throw new VendorError(400, 'STAGE', `stage must be one of ${STAGES.join(', ')}`);
          const deal = lists.get('deals', request.params.id);
          if (!deal) throw new VendorError(404, 'NOT_FOUND', `deal ${request.params.id} does not exist`);
          const moved = moveDeal(deal, stage, on ?? new Date().toISOString().slice(0, 10));
          lists.put('deals', moved);
          return moved;
        },
      );
      app.post<{ Body: Record<string, unknown>; Querystring: { existing?: string } }>('/crm/v1/import', (request) =>
        importLists(lists, request.body, request.query.existing === 'keep'),
      );
    },
    close: () => lists.close(),
  });
  return { ...system, lists };
};
