import { EVENT_TYPES, type OverrideChangedV1 } from '@tieout/contracts';
import { canonicalJson, type Instant } from '@tieout/model';
import { appendAudit, appendOutbox, type Tx } from '@tieout/persistence';
import { signed } from '@tieout/signing';
import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import {
  addOverride,
  findOverride,
  listOverrides,
  lockOverride,
  overridesOfEntry,
  overridesPastTime,
  putOverride,
} from '../adapters/postgres/override.store.js';
import type { Governance } from '../app-part.js';
import type { ApprovalRequest } from '../domain/bundle/approve.js';
import {
  approveOverride,
  closeOverride,
  passTime,
  requestOverride,
  type Override,
  type OverrideRequest,
} from '../domain/overrides/override.js';
import type { Person } from '../domain/person.js';
import { allowed, refused, type Decision } from '../domain/refusal.js';
import type { Standing } from './active-policy.js';
import type { PolicyChanges } from './policy-changes.js';

export type NewOverride = Pick<OverrideRequest, 'entryId' | 'legalEntityId' | 'reasons' | 'validUntil' | 'why'>;

interface OverrideChange {
  readonly tx: Tx;
  readonly at: Instant;
  readonly standing: Standing;
}

interface OverrideTransition {
  readonly action: string;
  /** Absent: it is new. */
  readonly before?: Override;
  readonly after: Override;
  readonly reason?: string | undefined;
}

/** One-off exemptions: asked for by one person, approved by others, over when their time is. */
export class ChangeOverrides {
  constructor(
    private readonly governance: Governance,
    private readonly changes: PolicyChanges,
  ) {}

  list(filter: Parameters<typeof listOverrides>[1]): Promise<Override[]> {
    return listOverrides(this.governance.runtime.database, filter);
  }

  async find(overrideId: string): Promise<Decision<Override>> {
    const found = await findOverride(this.governance.runtime.database, overrideId);
    return found === undefined ? noSuchOverride(overrideId) : allowed(found);
  }

  request(person: Person, asked: NewOverride): Promise<Decision<Override>> {
    return this.#change(async (change) => {
      const { tx, at, standing } = change;
      const { lastRevision, open } = await overridesOfEntry(tx, asked.entryId);
      if (open !== null)
        return refused('already-proposed', `The override ${open} of this entry is open.`, 'End or withdraw that one first.');
      const request = { ...asked, overrideId: v7(), digest: digestOf(asked) };
      const requested = requestOverride(request, person, { policy: standing.policy, at, lastRevision });
      if (!requested.ok) return requested;
      await addOverride(tx, requested.value);
      await this.#audit(change, person.actor, { action: 'requested', after: requested.value, reason: asked.why });
      return requested;
    });
  }

  approve(person: Person, overrideId: string, request: ApprovalRequest): Promise<Decision<Override>> {
    return this.#decide(overrideId, person, 'approved', undefined, (override, { at, standing }) =>
      approveOverride(override, person, request, { policy: standing.policy, at }),
    );
  }

  close(person: Person, overrideId: string, event: 'reject' | 'withdraw' | 'end', why: string): Promise<Decision<Override>> {
    const action = { reject: 'rejected', withdraw: 'withdrawn', end: 'ended' }[event];
    return this.#decide(overrideId, person, action, why, (override, { at, standing }) =>
      closeOverride(override, { event, why }, person, { policy: standing.policy, at }),
    );
  }

  /** Ends what is over and expires what nobody approved. */
  async whenDue(): Promise<'more' | 'idle'> {
    const by = `service:${this.governance.runtime.name}`;
    const done = await this.#change(async (change) => {
      const { tx, at } = change;
      const due = await overridesPastTime(tx, at);
      for (const override of due) {
        const passed = passTime(override, by, at);
        if (passed === undefined) continue;
        await this.#store(tx, passed, at);
        await this.#audit(change, by, { action: passed.state, before: override, after: passed, reason: passed.closing?.why });
      }
      return allowed(due.length);
    });
    return done.ok && done.value > 0 ? 'more' : 'idle';
  }

  /** Under the same lock as changes of policy: what is waivable must not change between the question and the answer. */
  #change<T>(fn: (change: OverrideChange) => Promise<Decision<T>>): Promise<Decision<T>> {
    return this.changes.run(({ tx, moment, standing }) => fn({ tx, at: moment.at, standing }));
  }

  #decide(
    overrideId: string,
    person: Person,
    action: string,
    reason: string | undefined,
    decide: (override: Override, change: OverrideChange) => Decision<Override>,
  ): Promise<Decision<Override>> {
    return this.#change(async (change) => {
      const { tx, at } = change;
      const before = await lockOverride(tx, overrideId);
      if (before === undefined) return noSuchOverride(overrideId);
      const decided = decide(before, change);
      if (!decided.ok) return decided;
      await this.#store(tx, decided.value, at);
      await this.#audit(change, person.actor, { action, before, after: decided.value, reason });
      return decided;
    });
  }

  /** What is in force, and what no longer is, services are told. */
  async #store(tx: Tx, override: Override, at: Instant): Promise<void> {
    const message = this.#message(override);
    await putOverride(tx, override, message);
    if (message === undefined) return;
    await appendOutbox(tx, 'governance', [{ type: EVENT_TYPES.overrideChanged, scope: [override.entryId], body: message }], at);
  }

  #message(override: Override): OverrideChangedV1 | undefined {
    const { state, overrideId, revision, entryId, legalEntityId, reasons, validUntil, requestedBy, approvals } = override;
    const approvedBy = approvals.at(-1)?.actor;
    if ((state !== 'active' && state !== 'ended') || approvedBy === undefined) return undefined;
    const statement = {
      overrideId,
      revision,
      entryId,
      legalEntityId,
      reasons: [...reasons],
      validUntil,
      state,
      requestedBy,
      approvedBy,
    };
    return { ...statement, ...signed('override', statement, this.governance.config.signingKey) };
  }

  #audit(
    { tx, at, standing }: OverrideChange,
    actor: string,
    { action, before, after, reason }: OverrideTransition,
  ): Promise<void> {
    const shown = ({ state, entryId, reasons, validUntil, revision, approvals }: Override): object => ({
      state,
      entryId,
      reasons,
      validUntil,
      revision,
      approvals: approvals.map((given) => ({ actor: given.actor, role: given.role })),
    });
    return appendAudit(
      tx,
      [
        {
          actor,
          action: `override.${action}`,
          subjectKind: 'override',
          subjectId: after.overrideId,
          legalEntityId: after.legalEntityId,
          ...(before && { before: shown(before) }),
          after: shown(after),
          policyDigest: standing.activation.digest,
          reason,
        },
      ],
      at,
    );
  }
}

const digestOf = (asked: NewOverride): string => createHash('sha256').update(canonicalJson(asked)).digest('hex');

const noSuchOverride = (overrideId: string) =>
  refused('no-such-override', `No override has the id ${overrideId}.`, 'Look for it with GET /overrides.');
