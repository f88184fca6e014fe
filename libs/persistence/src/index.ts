export { Database, type DatabaseOptions, type Tx } from './database.js';
export { SqlError, isUniqueViolation } from './pg-errors.js';
export { type Log } from './log.js';
export { PLATFORM_MIGRATIONS, type MigrationClass } from './migrations/index.js';
export { migrate, pendingMigrations, revertLast, type MigrateOptions } from './migrate.js';
export { runMigrationCommand } from './migration-command.js';
export { OUTBOX_CHANNEL, appendOutbox, type NewEvent } from './outbox.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
export { answerReceipts, recordReceipts } from './receipts.js';
export { CompletenessSweep, type CompletenessSweepOptions, type SweepResult } from './completeness-sweep.js';
export { appendAudit, erasePersonal, type NewAuditRow } from './audit.js';
export {
  auditBodyHashes,
  auditHeads,
  auditPage,
  auditWaiting,
  linkWaiting,
  type AuditPage,
  type LinkedBatch,
} from './audit-chain.js';
export { Leases } from './leases.js';
export { WorkLoop, type WorkLoopOptions } from './work-loop.js';
export { Listener, notify } from './listener.js';
export { MasterReadModel } from './master-read-model.js';
export { updateVersioned, type VersionedStore } from './update-versioned.js';
