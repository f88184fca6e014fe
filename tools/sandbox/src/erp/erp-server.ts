import { Panel } from '../kit/panel.js';
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
}

export const startSandboxErp = async (options: SystemOptions = {}): Promise<SandboxErp> => {
  const state = new ErpState(options.dataFile);
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
    },
    panelActions: (body) => {
      const { tamper } = body as { tamper?: { journalNo: string; lineRef: string; change: Partial<ErpLine> | null } };
      if (tamper) state.tamper(tamper.journalNo, tamper.lineRef, tamper.change);
    },
    close: () => {
      queue.stop();
      state.close();
    },
  });
  return { ...system, state };
};
