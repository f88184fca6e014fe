import { WorkLoop } from '@tieout/persistence';
import { AuditController } from './adapters/http/audit.controller.js';
import type { PartFactory } from './app-part.js';
import { AcknowledgeChain } from './use-cases/acknowledge-chain.js';
import { CollectAuditHeads } from './use-cases/collect-audit-heads.js';
import { ErasePersonal } from './use-cases/erase-personal.js';
import { ExportAudit } from './use-cases/export-audit.js';

/** What was written and taken out between two checkpoints is the only thing that nobody sees. */
const COLLECT_MS = 5_000;
const LEASE = 'audit-checkpoints';
/** Longer than a collection takes that has a million records to follow. */
const LEASE_MS = 60_000;

/** Audit: signed heads of all chains, exports, erasing. */
export const auditPart: PartFactory = ({ runtime, config }) => {
  const collect = new CollectAuditHeads(runtime, config);
  const { database, clock, logger, leases, instanceId } = runtime;
  const loop = new WorkLoop({
    name: 'audit heads',
    pollMs: COLLECT_MS,
    run: async () => {
      if ((await leases.tryAcquire(LEASE, instanceId, LEASE_MS)) !== undefined) await collect.run();
      return 'idle';
    },
    database,
    clock,
    logger,
  });
  runtime.onReady(async () => loop.start());
  runtime.onStop(() => loop.stop());
  return {
    controllers: [AuditController],
    providers: [
      { provide: CollectAuditHeads, useValue: collect },
      { provide: ExportAudit, useValue: new ExportAudit(runtime, config.signingKey) },
      { provide: AcknowledgeChain, useValue: new AcknowledgeChain(runtime) },
      { provide: ErasePersonal, useValue: new ErasePersonal(runtime) },
    ],
  };
};
