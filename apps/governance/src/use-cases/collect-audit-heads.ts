import { genesis, nextCheckpoint, type Checkpoint, type Head } from '@tieout/audit';
import {
  auditHeadsSubject,
  auditLinksSubject,
  CONTEXTS,
  EVENT_TYPES,
  type AuditHeadsAnswerV1,
  type AuditLinksAnswerV1,
  type Context,
} from '@tieout/contracts';
import { canonicalJson, isFault } from '@tieout/model';
import { appendAudit, appendOutbox, type NewAuditRow, type NewEvent, type Tx } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import type { KeyObject } from 'node:crypto';
import { AuditStore } from '../adapters/postgres/audit.store.js';
import {
  followChain,
  isComplete,
  restartOf,
  startOf,
  unseen,
  type Broken,
  type Followed,
  type KnownChain,
} from '../domain/audit/follow-chain.js';
import { CheckpointJournal } from './checkpoint-journal.js';

type Looked = { readonly known: KnownChain; readonly reported: Head | undefined; readonly followed: Followed };

/**
 * Asks every service where its chains stand, sees that each follows record by record from what was signed last, and signs the new heads:
 * into the file first, then into the database. What does not follow is not signed; it becomes a case.
 */
export class CollectAuditHeads {
  readonly #store = new AuditStore();
  readonly #journal: CheckpointJournal;

  constructor(
    private readonly runtime: ServiceRuntime,
    private readonly o: { readonly signingKey: KeyObject; readonly checkpointDir: string },
  ) {
    this.#journal = new CheckpointJournal(runtime, o);
  }

  /** @returns the new checkpoint, if anything moved */
  async run(): Promise<Checkpoint | undefined> {
    const looked = await this.#look();
    return this.runtime.database.transaction(async (tx) => {
      const before = await this.#journal.lockLast(tx);
      // What another replica signed, or the file taught us, since we looked is looked at again next time.
      const now = new Map((await this.#store.chains(tx)).map((one) => [one.chain, one]));
      return this.#sign(
        tx,
        before,
        looked.filter(({ known }) => sameState(known, now.get(known.chain))),
      );
    });
  }

  async #look(): Promise<Looked[]> {
    const known = await this.#store.chains(this.runtime.database);
    const looked = await Promise.all(CONTEXTS.map((context) => this.#lookAt(context, known)));
    return looked.flat();
  }

  /** A service that does not answer is looked at next time: somebody else tells that it is away. */
  async #lookAt(context: Context, all: readonly KnownChain[]): Promise<Looked[]> {
    const { questions } = this.runtime;
    const read = async (chain: string, afterSeq: number, limit: number) =>
      (await questions.ask<AuditLinksAnswerV1>(auditLinksSubject(context), { chain, afterSeq, limit })).bodyHashes;
    try {
      const { heads } = await questions.ask<AuditHeadsAnswerV1>(auditHeadsSubject(context), {});
      const looked: Looked[] = [];
      for (const known of chainsOf(context, all, heads)) {
        const reported = heads.find(({ chain }) => chain === known.chain);
        const followed: Followed =
          known.context === context
            ? await followChain(startOf(known), reported, read)
            : { kind: 'broken', why: `${context} reports it, and it is a chain of ${known.context}` };
        looked.push({ known, reported, followed });
      }
      return looked;
    } catch (error) {
      if (isFault(error, 'Unavailable')) return [];
      throw error;
    }
  }

  async #sign(tx: Tx, before: Checkpoint | undefined, looked: readonly Looked[]): Promise<Checkpoint | undefined> {
    const now = this.runtime.clock.now();
    await this.#tellBroken(tx, looked, now);
    const fit = looked.flatMap((one) => headToSign(one) ?? []);
    const restarts = fit.flatMap(({ known }) => restartOf(known) ?? []);
    const moved = fit.filter(({ head, known }) => head.seq !== known.seq || known.acknowledged !== null);
    await this.#tellMended(tx, fit, now);
    if (moved.length === 0) return undefined;
    const complete = isComplete((before?.no ?? 0) + 1, restarts.length);
    await this.#store.signed(
      tx,
      moved.map(({ head, known }) => ({ ...head, context: known.context })),
    );
    const heads = complete ? await this.#store.chains(tx) : moved.map(({ head }) => head);
    const checkpoint = nextCheckpoint(before, {
      at: now,
      heads: heads.filter(({ seq }) => seq > 0).map(({ chain, seq, hash }) => ({ chain, seq, hash })),
      restarts,
      privateKey: this.o.signingKey,
    });
    await this.#journal.add(tx, checkpoint, complete);
    return checkpoint;
  }

  async #tellBroken(tx: Tx, looked: readonly Looked[], now: string): Promise<void> {
    const audit: NewAuditRow[] = [];
    const events: NewEvent[] = [];
    for (const { known, reported, followed } of looked) {
      if (followed.kind !== 'broken') continue;
      const { seq, hash } = reported ?? unseen(known.chain, known.context);
      const same = known.broken !== null && known.broken.seen.seq === seq && known.broken.seen.hash === hash;
      if (same && known.acknowledged === null) continue;
      const broken: Broken = { why: followed.why, since: known.broken?.since ?? now, seen: { seq, hash } };
      await this.#store.broke(tx, known, broken);
      // It keeps growing while it is broken; that is told once.
      if (known.broken !== null && known.acknowledged === null) continue;
      audit.push({
        ...this.#note(known.chain, 'audit.chain-broken'),
        before: signedOf(known),
        after: broken.seen,
        reason: followed.why,
      });
      events.push(raised(known, followed.why, now));
    }
    await appendAudit(tx, audit, now);
    await appendOutbox(tx, 'governance', events, now);
  }

  async #tellMended(tx: Tx, fit: readonly { known: KnownChain; head: Head }[], now: string): Promise<void> {
    const mended = fit.filter(({ known }) => known.broken !== null);
    for (const { known } of mended) if (known.acknowledged === null) await this.#store.broke(tx, known, null);
    await appendAudit(
      tx,
      mended.map(({ known, head }) => ({
        ...this.#note(known.chain, 'audit.chain-follows'),
        before: known.broken?.seen,
        after: { seq: head.seq, hash: head.hash },
      })),
      now,
    );
    await appendOutbox(
      tx,
      'governance',
      mended.map(({ known }) => cleared(known.chain, now)),
      now,
    );
  }

  #note(chain: string, action: string): Omit<NewAuditRow, 'before' | 'after'> {
    const { name, policy } = this.runtime;
    const legalEntityId = entityOf(chain);
    const policyDigest = policy.current().digest;
    return { actor: `service:${name}`, action, subjectKind: 'audit-chain', subjectId: chain, legalEntityId, policyDigest };
  }
}

/** Chains that the service reports, and those of it that it should report. */
const chainsOf = (context: Context, all: readonly KnownChain[], heads: readonly Head[]): KnownChain[] => {
  const known = new Map(all.map((one) => [one.chain, one]));
  const own = all.filter((one) => one.context === context && !heads.some(({ chain }) => chain === one.chain));
  return [...own, ...heads.map(({ chain }) => known.get(chain) ?? unseen(chain, context))];
};

/** Nobody else has said anything of it since. */
const sameState = (known: KnownChain, now: KnownChain | undefined): boolean =>
  canonicalJson(known) === canonicalJson(now ?? unseen(known.chain, known.context));

/** A chain that is not there any more stands at its beginning. */
const headToSign = ({ known, reported, followed }: Looked): { known: KnownChain; head: Head } | undefined =>
  followed.kind === 'broken' ? undefined : { known, head: reported ?? genesis(known.chain) };

const signedOf = ({ seq, hash }: Head) => ({ seq, hash });

/** "erp-posting/DE01" */
const entityOf = (chain: string): string => chain.slice(chain.indexOf('/') + 1);

const itemKeyOf = (chain: string): string => `audit-chain:${chain}`;

const raised = ({ chain, seq }: KnownChain, why: string, now: string): NewEvent => ({
  type: EVENT_TYPES.conditionRaised,
  scope: [entityOf(chain)],
  body: {
    itemKey: itemKeyOf(chain),
    raisedBy: 'governance',
    reason: 'AUDIT_CHAIN_BROKEN',
    subjectKey: itemKeyOf(chain),
    legalEntityId: entityOf(chain),
    detail: `${chain}: ${why}. Signed last: record ${seq}.`,
    suggestion: `Was the database restored from a backup? Then an auditor acknowledges it: POST /audit/chains/acknowledge {"chain": "${chain}", "why": ...}. If not, somebody changed it: take an export, and restore it to where record ${seq} stands.`,
    raisedAt: now,
  },
});

const cleared = (chain: string, now: string): NewEvent => ({
  type: EVENT_TYPES.conditionCleared,
  scope: [entityOf(chain)],
  body: { itemKey: itemKeyOf(chain), raisedBy: 'governance', clearedAt: now },
});
