import { importLists, listRoutes, ListStore } from '../kit/list-store.js';
import { Panel } from '../kit/panel.js';
import { startSystem, type RunningSystem, type SystemOptions } from '../kit/system.js';

export const HR_LISTS = [
  'workers',
  'legal-entities',
  'cost-centers',
  'cost-rates',
  'fx-rates',
  'pay-groups',
  'pay-periods',
  'pay-codes',
] as const;

export interface SandboxHr extends RunningSystem {
  readonly lists: ListStore;
}

export const startSandboxHr = async (options: SystemOptions = {}): Promise<SandboxHr> => {
  const lists = new ListStore(HR_LISTS, options.dataFile);
  const system = await startSystem({
    name: 'sandbox-hr',
    panel: new Panel(options.panel),
    options,
    defaultKey: 'hr-key',
    keyOf: (request) => /^ApiKey (.+)$/.exec(request.headers.authorization ?? '')?.[1],
    routes: (app) => {
      app.get('/api/whoami', () => ({ system: 'sandbox-hr' }));
      listRoutes(app, '/api', lists);
      app.post<{ Body: Record<string, unknown>; Querystring: { existing?: string } }>('/api/import', (request) =>
        importLists(lists, request.body, request.query.existing === 'keep'),
      );
    },
    close: () => lists.close(),
  });
  return { ...system, lists };
};
