import { randomUUID } from 'node:crypto';
import type { Clock } from '@tieout/clock';
import type { MasterObject, WorkDate } from '@tieout/model';
import { appendAudit, type Database, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';

import { MergeDecisionStore, type MergeDecision } from '../adapters/postgres/merge-decision.store.js';
import { ObjectStore } from '../adapters/postgres/object.store.js';
import { SourceRecordStore } from '../adapters/postgres/source-record.store.js';
import { mergeProblem, REFERENCES, type MergeableKind, type MergeProblem } from '../domain/merge-decisions.js';
import { MergeCodes } from './merge-codes.js';

export interface MergeOrder {
  readonly kind: MergeableKind;
  readonly from: string;
  readonly into: string;
  readonly validFrom: WorkDate;
  readonly why: string;
}
export type MergeAnswer =
  | { readonly ok: true; readonly dependants: number }
  | { readonly ok: false; readonly problem: MergeProblem | { kind: 'not-merged' } };

/** A person says that two objects are one, or takes that back. What depends on them follows in the same transaction. */
export class DecideMerge {
  constructor(
    private readonly database: Database,
    private readonly objects: ObjectStore,
    private readonly records: SourceRecordStore,
    private readonly decisions: MergeDecisionStore,
    private readonly merges: MergeCodes,
    private readonly clock: Clock,
  ) {}

  merge(order: MergeOrder, actor: string, policy: CompiledPolicy): Promise<MergeAnswer> {
    const { kind, validFrom, why } = order;
    return this.database.transaction(async (tx): Promise<MergeAnswer> => {
      await this.objects.lockKind(tx, kind);
      const [from, into] = [await this.#only(tx, kind, order.from), await this.#only(tx, kind, order.into)];
      const problem = mergeProblem(order, from, into, into ? await this.#chain(tx, into) : []);
      if (problem !== undefined || from === undefined || into === undefined)
        return { ok: false, problem: problem ?? { kind: 'same' } };
      const now = this.clock.now();
      await this.decisions.add(tx, {
        ...{ id: randomUUID(), kind, validFrom, why, decidedBy: actor, decidedAt: now },
        ...{ fromId: from.id, fromCode: from.code, intoId: into.id, intoCode: into.code },
      });
      const about = { kind, id: from.id, legalEntityId: from.legalEntityId };
      await this.#note(tx, 'master.merge.decided', about, { actor, why, after: { into: into.code, validFrom }, policy });
      return { ok: true, dependants: await this.#follow(tx, kind, [from, into], policy, actor) };
    });
  }

  undo(order: Pick<MergeOrder, 'kind' | 'from' | 'why'>, actor: string, policy: CompiledPolicy): Promise<MergeAnswer> {
    const { kind, why } = order;
    return this.database.transaction(async (tx): Promise<MergeAnswer> => {
      await this.objects.lockKind(tx, kind);
      const from = await this.#only(tx, kind, order.from);
      if (from === undefined) return { ok: false, problem: { kind: 'unknown', code: order.from } };
      const undone = await this.decisions.undo(tx, from.id, { actor, why, now: this.clock.now() });
      if (undone === undefined) return { ok: false, problem: { kind: 'not-merged' } };
      const about = { kind, id: from.id, legalEntityId: from.legalEntityId };
      await this.#note(tx, 'master.merge.undone', about, { actor, why, before: stood(undone), policy });
      const into = await this.#only(tx, kind, undone.intoCode);
      return { ok: true, dependants: await this.#follow(tx, kind, into ? [from, into] : [from], policy, actor) };
    });
  }

  async #only(tx: Tx, kind: MergeableKind, code: string): Promise<MasterObject | undefined> {
    const found = await this.objects.byCode(tx, kind, code);
    return found.length === 1 ? found[0] : undefined;
  }

  /** What an object was merged into itself, step by step. */
  async #chain(tx: Tx, start: MasterObject): Promise<MasterObject[]> {
    const chain: MasterObject[] = [];
    for (let at: MasterObject | undefined = start; at !== undefined && !chain.some(({ id }) => id === at!.id);) {
      chain.push(at);
      at = at.mergedInto && (await this.#only(tx, at.kind as MergeableKind, at.mergedInto.code));
    }
    return chain;
  }

  /** @returns how many other objects changed along */
  async #follow(
    tx: Tx,
    kind: MergeableKind,
    merged: readonly MasterObject[],
    policy: CompiledPolicy,
    actor: string,
  ): Promise<number> {
    await this.merges.merge(
      tx,
      kind,
      merged.map(({ code }) => code),
      policy,
      actor,
    );
    const from = merged[0]!;
    const own = [from.code, ...(from.formerCodes ?? []).map(({ code }) => code)];
    const codes = await this.decisions.leadingTo(tx, kind, own);
    let dependants = 0;
    for (const reference of REFERENCES.filter(({ to }) => to === kind)) {
      const referring = await this.records.codesReferring(tx, reference.kind, reference.attribute, codes);
      dependants += await this.merges.merge(tx, reference.kind, referring, policy, actor);
    }
    return dependants;
  }

  #note(
    tx: Tx,
    action: string,
    about: { readonly kind: string; readonly id: string; readonly legalEntityId: string },
    said: { actor: string; why: string; policy: CompiledPolicy; before?: object; after?: object },
  ): Promise<void> {
    const { actor, why, policy, before, after } = said;
    const { kind: subjectKind, id: subjectId, legalEntityId } = about;
    return appendAudit(
      tx,
      [{ actor, action, subjectKind, subjectId, legalEntityId, before, after, reason: why, policyDigest: policy.digest }],
      this.clock.now(),
    );
  }
}

const stood = ({ intoCode, validFrom }: MergeDecision): object => ({ into: intoCode, validFrom });
