import { listRoutes, ListStore } from '../kit/list-store.js';
import { Panel } from '../kit/panel.js';
import { projectRoutes } from '../kit/project-desk.js';
import { startSystem, type RunningSystem, type SystemOptions } from '../kit/system.js';
import { ErpState } from './erp-state.js';
import type { ErpLine } from './erp-words.js';
import { masterRoutes } from './master-routes.js';
import { readRoutes } from './read-routes.js';
import { TicketQueue } from './ticket-queue.js';
import { writeRoutes } from './write-routes.js';

export interface SandboxErp extends RunningSystem {
  /** The books themselves, for tests that read or tamper past HTTP. */
  readonly state: ErpState;
  /** Projects that were made here; a line may name one of them whatever codes were loaded. */
  readonly lists: ListStore;
}

export const startSandboxErp = async (options: SystemOptions = {}): Promise<SandboxErp> => {
  const state = new ErpState(options.dataFile);
  const lists = new ListStore(['projects'], options.dataFile && `${options.dataFile}.lists`);
  state.masters.madeHere = (code) => lists.find('projects', (project) => project['number'] === code) !== undefined;
  const panel = new Panel(options.panel);
  const queue = new TicketQueue(state, panel);
  const system = await startSystem({
    name: 'sandbox-erp',
    panel,
    options,
    defaultKey: 'erp-key',
    keyOf: (request) => /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1],
    routes: (app) => {
      app.get('/status', () => ({ system: 'sandbox-erp', journals: state.journals.size }));
      writeRoutes(app, { state, panel, queue });
      readRoutes(app, state, panel);
      masterRoutes(app, state);
      listRoutes(app, '', lists);
      projectRoutes(app, {
        lists,
        panel,
        prefix: '',
        code: 'number',
        reference: 'reference',
        problems: (project) => projectProblems(state, project),
      });
    },
    panelActions: (body) => {
      const { tamper } = body as { tamper?: { journalNo: string; lineRef: string; change: Partial<ErpLine> | null } };
      if (tamper) state.tamper(tamper.journalNo, tamper.lineRef, tamper.change);
    },
    close: () => {
      queue.stop();
      state.close();
      lists.close();
    },
  });
  return { ...system, state, lists };
};

/** A project belongs to a company and is budgeted in its currency. */
const projectProblems = (state: ErpState, { company, currency }: Readonly<Record<string, unknown>>): readonly string[] => {
  const known = typeof company === 'string' ? state.companies.get(company) : undefined;
  if (!known) return [`company ${String(company)} does not exist`];
  return currency === undefined || currency === known.currency
    ? []
    : [`company ${known.code} budgets in ${known.currency}, not in ${String(currency)}`];
};
