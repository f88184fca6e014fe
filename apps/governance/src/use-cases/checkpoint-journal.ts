import { brokenCheckpoint, checkpointHash, type Checkpoint } from '@tieout/audit';
import type { Context } from '@tieout/contracts';
import { UNASSIGNED } from '@tieout/model';
import { appendAudit, type Tx } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { CheckpointFile } from '../adapters/files/checkpoint-file.js';
import { AuditStore } from '../adapters/postgres/audit.store.js';
import { isComplete } from '../domain/audit/follow-chain.js';

const BATCH = 500;

/**
 * Checkpoints stand in the database, and in a file in a place of its own that whoever runs the databases cannot write to. A checkpoint is
 * synced to the file before it is committed: what the file has and the database lacks is taken from the file; the other way round it could
 * be lost.
 */
export class CheckpointJournal {
  readonly #store = new AuditStore();
  readonly #file: CheckpointFile;
  readonly #publicKey: KeyObject;

  constructor(
    private readonly runtime: ServiceRuntime,
    o: { readonly signingKey: KeyObject; readonly checkpointDir: string },
  ) {
    this.#file = new CheckpointFile(o.checkpointDir);
    this.#publicKey = createPublicKey(o.signingKey);
  }

  /**
   * The last checkpoint, on which file and database agree; nobody else adds one until the transaction ends. After a crash the database lacks
   * one, after a restore more; a file that is shorter than the database was moved or cut, and is completed.
   * @throws Error when they contradict each other: nothing is signed until a person has looked
   */
  async lockLast(tx: Tx): Promise<Checkpoint | undefined> {
    await this.#store.lock(tx);
    const [inFile, inDatabase] = [await this.#file.last(), await this.#store.last(tx)];
    const [fileNo, databaseNo] = [inFile?.no ?? 0, inDatabase?.no ?? 0];
    if (fileNo > databaseNo) return this.#takeFromFile(tx, inDatabase);
    if (fileNo < databaseNo) await this.#completeFile(tx, fileNo, databaseNo);
    else if (inFile && inDatabase && checkpointHash(inFile) !== checkpointHash(inDatabase)) throw this.#contradiction(fileNo);
    return inDatabase;
  }

  async add(tx: Tx, checkpoint: Checkpoint, complete: boolean): Promise<void> {
    await this.#store.put(tx, checkpoint, complete);
    await this.#file.append([checkpoint]);
  }

  async #takeFromFile(tx: Tx, last: Checkpoint | undefined): Promise<Checkpoint | undefined> {
    let before = last;
    const contexts = new Map((await this.#store.chains(tx)).map(({ chain, context }) => [chain, context]));
    for await (const checkpoint of this.#file.after(before?.no ?? 0)) {
      const broken = brokenCheckpoint(before, checkpoint, [this.#publicKey]);
      if (broken !== undefined) throw this.#contradiction(checkpoint.no, broken);
      await this.#store.put(tx, checkpoint, isComplete(checkpoint.no, checkpoint.restarts?.length ?? 0));
      const heads = checkpoint.heads.map((head) => ({ ...head, context: contexts.get(head.chain) ?? contextOf(head.chain) }));
      await this.#store.signed(tx, heads);
      before = checkpoint;
    }
    this.runtime.logger.warn(
      { from: last?.no ?? 0, to: before?.no },
      'checkpoints that the database lacked were taken from the file',
    );
    return before;
  }

  async #completeFile(tx: Tx, from: number, to: number): Promise<void> {
    const { logger, name, policy, clock } = this.runtime;
    for (let no = from; no < to;) {
      const missing = await this.#store.after(tx, no, BATCH);
      await this.#file.append(missing);
      no = missing.at(-1)!.no;
    }
    logger.error({ from, to, file: this.#file.path }, 'the file of checkpoints was shorter than the database and was completed');
    const row = {
      actor: `service:${name}`,
      action: 'audit.checkpoint-file-completed',
      subjectKind: 'audit',
      subjectId: 'checkpoints',
      legalEntityId: UNASSIGNED,
      before: { no: from },
      after: { no: to },
      policyDigest: policy.current().digest,
    };
    await appendAudit(tx, [row], clock.now());
  }

  #contradiction(no: number, why = 'the database has another one'): Error {
    return new Error(
      `checkpoint ${no} in ${this.#file.path}: ${why}. Nothing is signed until it is known which of them is right: compare it with table audit_checkpoint and with a backup of the file`,
    );
  }
}

/** Of chains that only the file knows. */
const contextOf = (chain: string): Context => SERVICES[chain.slice(0, chain.indexOf('/'))] ?? 'governance';

const SERVICES: Readonly<Record<string, Context>> = {
  'master-data-sync': 'master',
  'time-ingestion': 'time',
  'erp-posting': 'posting',
  'payroll-feed': 'payroll',
  'analytics-feed': 'analytics',
  reconciliation: 'reconciliation',
  'exception-management': 'exception',
};
