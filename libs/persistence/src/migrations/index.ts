import type { MigrationInterface } from 'typeorm';
import { Outbox1763850000001 } from './1763850000001-outbox.js';
import { AuditRecord1763850000002 } from './1763850000002-audit-record.js';
import { ReceiptAndLease1763850000003 } from './1763850000003-receipt-and-lease.js';
import { OutboxClaim1763948000001 } from './1763948000001-outbox-claim.js';
import { PolicyInForce1763985600001 } from './1763985600001-policy-in-force.js';
import { MasterObject1763850000004 } from './1763850000004-master-object.js';
import { FormerCodes1763985600002 } from './1763985600002-former-codes.js';
import { AuditChain1764000000001 } from './1764000000001-audit-chain.js';

/** A TypeORM migration of explicit SQL; its name ends in the 13 digits that order it. */
export type MigrationClass = new () => MigrationInterface;

/** The tables that this library's code needs in every service's database. */
export const PLATFORM_MIGRATIONS: MigrationClass[] = [
  Outbox1763850000001,
  AuditRecord1763850000002,
  ReceiptAndLease1763850000003,
  MasterObject1763850000004,
  OutboxClaim1763948000001,
  PolicyInForce1763985600001,
  FormerCodes1763985600002,
  AuditChain1764000000001,
];
