import type { Clock } from '@tieout/clock';
import { readPages, type Connector, type MasterDataSource } from '@tieout/connector-kit';
import { Fault, isFault, type MasterKind } from '@tieout/model';
import { appendAudit, Leases, type Database, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import type { OpenConnection } from '@tieout/service-kit';
import { ATTR, inSpan } from '@tieout/telemetry';
import { SourceRecordStore, type SourceKind } from '../adapters/postgres/source-record.store.js';
import { SyncStateStore } from '../adapters/postgres/sync-state.store.js';
import { compareSnapshot, readable, type HashedRecord, type KnownRecord, type MalformedRecord } from '../domain/snapshot.js';
import { MergeCodes } from './merge-codes.js';
import { NoteOutage } from './note-outage.js';

export type MasterConnection = OpenConnection<Connector>;

/** Somebody said that what is gone is really gone. */
export interface AcceptedDeletions {
  readonly kind: MasterKind;
  readonly actor: string;
}
export interface SyncOptions {
  readonly lease: { readonly name: string; readonly owner: string; readonly ttlMs: number };
  readonly accepted: AcceptedDeletions | undefined;
  readonly log: { warn(details: object, message: string): void };
}

interface Snapshot {
  readonly records: HashedRecord[];
  readonly malformed: MalformedRecord[];
}

/** Another replica goes on with this connection. */
export class LeaseLost extends Error {}

/** Records per transaction: large enough to be quick, small enough that a crash repeats little. */
const CHUNK = 1000;

/** What the bundle wants of what the connector reads. */
export const kindsOf = ({ declaration, connector }: MasterConnection): readonly MasterKind[] => {
  const kinds = connector.manifest.masterData?.kinds ?? [];
  return declaration.kinds ? kinds.filter((kind) => declaration.kinds!.includes(kind)) : kinds;
};

/** Reads everything that a connection has, kind by kind, and takes over what changed. */
export class SyncConnection {
  constructor(
    private readonly database: Database,
    private readonly records: SourceRecordStore,
    private readonly states: SyncStateStore,
    private readonly merges: MergeCodes,
    private readonly outages: NoteOutage,
    private readonly clock: Clock,
  ) {}

  /** @returns how long the source asked us to wait, if it did. @throws LeaseLost; Fault Unavailable when our own database is away */
  run(open: MasterConnection, policy: CompiledPolicy, options: SyncOptions): Promise<{ readonly waitMs?: number | undefined }> {
    const { id } = open.declaration;
    return inSpan('sync master data', { parent: null, attributes: { [ATTR.connection]: id } }, async () => {
      const source = open.connector.masterDataSource!(open.config, open.deps);
      let fault = await faultOf(() => source.verifyAccess());
      for (const kind of fault ? [] : kindsOf(open)) {
        const failed = await this.#syncKind(source, { connection: id, kind }, open, policy, options);
        fault = failed ?? fault;
        // A broken list may stand alone; a system that is away or shut us out will not answer the next question either.
        if (failed && failed.kind !== 'ContractBroken') break;
      }
      await this.outages.note(id, fault);
      return { waitMs: fault?.retryAfterMs };
    });
  }

  async #syncKind(
    source: MasterDataSource,
    which: SourceKind,
    open: MasterConnection,
    policy: CompiledPolicy,
    options: SyncOptions,
  ): Promise<Fault | undefined> {
    let snapshot: Snapshot | undefined;
    const fault = await faultOf(async () => {
      snapshot = await readSnapshot(source, which.kind);
    });
    if (fault || !snapshot) return fault;
    if (snapshot.malformed.length > 0)
      options.log.warn(
        { ...which, count: snapshot.malformed.length, first: snapshot.malformed[0] },
        `${which.connection}: ${which.kind} has records that cannot be read`,
      );
    return this.#apply(which, snapshot, open, policy, options);
  }

  async #apply(
    which: SourceKind,
    { records, malformed }: Snapshot,
    { declaration }: MasterConnection,
    policy: CompiledPolicy,
    options: SyncOptions,
  ): Promise<Fault | undefined> {
    const known = await this.records.known(this.database, which);
    const accepted = options.accepted?.kind === which.kind ? options.accepted : undefined;
    const comparison = compareSnapshot(known, records, malformed, accepted ? 'accept-all' : declaration.massDeletionLimit);
    if (comparison.kind === 'mass-deletion')
      return new Fault(
        'ContractBroken',
        `${comparison.gone} of ${comparison.known} objects of kind ${which.kind} are gone at once; nothing was changed. If they are really gone, say so: POST /sync with acceptDeletions`,
      );
    const { changed, vanished, missed, found } = comparison;
    const codeBefore = new Map(known.map(({ externalId, code }) => [externalId, code]));
    for (let at = 0; at < changed.length; at += CHUNK) {
      const chunk = changed.slice(at, at + CHUNK);
      // A renamed record touches two objects: the one it leaves and the one it joins.
      const codes = new Set(chunk.flatMap(({ externalId, code }) => [code, codeBefore.get(externalId) ?? code]));
      await this.#inTransaction(options, async (tx) => {
        await this.records.save(tx, which, chunk, this.clock.now());
        await this.merges.merge(tx, which.kind, [...codes], policy);
      });
    }
    for (let at = 0; at < vanished.length; at += CHUNK)
      await this.#takeAway(which, vanished.slice(at, at + CHUNK), policy, options, accepted);
    await this.#inTransaction(options, async (tx) => {
      await this.records.setMissed(
        tx,
        which,
        missed.map(({ externalId }) => externalId),
        true,
      );
      await this.records.setMissed(
        tx,
        which,
        found.map(({ externalId }) => externalId),
        false,
      );
      await this.states.saveSuccess(tx, which, records.length, malformed, this.clock.now());
    });
    return undefined;
  }

  async #takeAway(
    which: SourceKind,
    vanished: readonly KnownRecord[],
    policy: CompiledPolicy,
    options: SyncOptions,
    accepted: AcceptedDeletions | undefined,
  ): Promise<void> {
    await this.#inTransaction(options, async (tx) => {
      const now = this.clock.now();
      await this.records.setAbsent(
        tx,
        which,
        vanished.map(({ externalId }) => externalId),
        now,
      );
      await this.merges.merge(tx, which.kind, [...new Set(vanished.map(({ code }) => code))], policy);
      if (!accepted) return;
      const subjectId = `${which.connection}/${which.kind}`;
      const after = { records: vanished.length };
      await appendAudit(
        tx,
        [
          {
            actor: accepted.actor,
            action: 'master.deletions.accepted',
            subjectKind: 'connection',
            subjectId,
            legalEntityId: 'UNASSIGNED',
            after,
            policyDigest: policy.digest,
          },
        ],
        now,
      );
    });
  }

  /** Writes only while the lease is ours: a replica that was away too long must not undo what its successor did. */
  #inTransaction(options: SyncOptions, fn: (tx: Tx) => Promise<void>): Promise<void> {
    const { name, owner, ttlMs } = options.lease;
    return this.database.transaction(async (tx) => {
      if (!(await new Leases(tx).renew(name, owner, ttlMs))) throw new LeaseLost(name);
      await fn(tx);
    });
  }
}

const readSnapshot = async (source: MasterDataSource, kind: MasterKind): Promise<Snapshot> => {
  const given = [];
  const malformed: MalformedRecord[] = [];
  for await (const page of readPages((cursor) => source.fetchPage(kind, cursor))) {
    given.push(...page.records);
    malformed.push(...page.malformed.map(({ externalId, why }) => ({ externalId, why })));
  }
  const read = readable(given);
  return { records: read.records, malformed: [...malformed, ...read.malformed] };
};

/** The fault that the source answered with. Only calls to a source go through here: a Fault from our own database is another matter. */
const faultOf = async (call: () => Promise<void>): Promise<Fault | undefined> => {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
};
