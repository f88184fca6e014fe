import type { Clock } from '@tieout/clock';
import { attributesOn, durationMs, type Instant, type MasterObject } from '@tieout/model';
import { Leases, type Database, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { HandoffStore, type DueOpportunity } from '../../adapters/postgres/handoff.store.js';
import { ObjectStore } from '../../adapters/postgres/object.store.js';
import { checkHandoff, inOrder, projectOf } from '../../domain/handoff/check-handoff.js';
import { maySendAt, nextSystem, type Handoff, type ProjectAt } from '../../domain/handoff/handoff.js';
import type { HandoffEvent } from '../../domain/handoff/step-handoff.js';
import { ACTOR } from '../actor.js';
import { LeaseLost } from '../sync-connection.js';
import { ChangeHandoff, type OpportunityHead } from './change-handoff.js';
import { GatherFacts } from './gather-facts.js';
import { ProjectTargets } from './project-targets.js';
import { putProject } from './put-project.js';

/** What is missing may come from any system at any time: asked again so often. */
const RECHECK_MS = durationMs('PT10S');
const LOOK_AGAIN_MS = durationMs('PT1S');
/** Every project of the next sync should show; one that does not after this long was never made, or is gone. */
export const CONFIRM_WITHIN_MS = durationMs('PT10M');
/** How long a request may sit here between its record and its leaving; longer, and another replica may already look. */
const STALE_MS = durationMs('PT5S');

export interface HandoffLease {
  readonly name: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly fence: number;
}
export interface HandoffStores {
  readonly handoffs: HandoffStore;
  readonly objects: ObjectStore;
  readonly facts: GatherFacts;
}

/** Brings one due opportunity on its way, as far as it goes without waiting. */
export class AdvanceHandoffs {
  constructor(
    private readonly database: Database,
    private readonly stores: HandoffStores,
    private readonly targets: ProjectTargets,
    private readonly changes: ChangeHandoff,
    private readonly clock: Clock,
    private readonly confirmWithinMs = CONFIRM_WITHIN_MS,
  ) {}

  /** @throws LeaseLost when another replica goes on with them. */
  async advance({ opportunity, handoff }: DueOpportunity, policy: CompiledPolicy, lease: HandoffLease): Promise<void> {
    const judged = await this.#judge(opportunity, policy, lease);
    let now = judged ?? handoff ?? undefined;
    for (let next = now && nextSystem(now); now && next && this.#mayLeave(next); next = now && nextSystem(now)) {
      const after = await this.#ask(opportunity, now, next, { policy, lease });
      // A refusal, a lost answer, a wait: somebody or some time is needed first.
      if (!after || nextSystem(after)?.connection === next.connection) return;
      now = after;
    }
    if (now?.state === 'confirming') await this.#confirm(opportunity, now, { policy, lease });
  }

  /** Is it won, and complete? The answer counts as long as nothing was sent. */
  async #judge(opportunity: MasterObject, policy: CompiledPolicy, lease: HandoffLease): Promise<Handoff | undefined> {
    const today = this.clock.now().slice(0, 10);
    const said = attributesOn({ ...opportunity, kind: 'opportunity' }, today);
    return this.#inTransaction(lease, async (tx) => {
      const facts = await this.stores.facts.gather(tx, opportunity, policy, today);
      if (!facts) return undefined;
      const failed = said ? checkHandoff(said, facts) : [];
      const event: HandoffEvent =
        said?.stage !== 'won'
          ? { kind: 'no-longer-won' }
          : failed.length > 0
            ? { kind: 'incomplete', failed }
            : { kind: 'complete', project: projectOf(said, facts), places: this.#places(facts) };
      return this.#change(tx, opportunity, event, policy);
    });
  }

  #places({ projectSystems, projectOwner }: { projectSystems: readonly string[]; projectOwner?: string | undefined }) {
    return inOrder(projectSystems, projectOwner).map((connection) => ({
      connection,
      readBack: this.targets.readBack(connection),
    }));
  }

  #mayLeave(system: ProjectAt): boolean {
    const at = this.#sendAt(system);
    return at === undefined || at <= this.clock.now();
  }
  #sendAt(system: ProjectAt): Instant | undefined {
    const found = this.targets.find(system.connection);
    return found ? maySendAt(system, found.capabilities) : system.notBefore;
  }

  /** The request is on record before it leaves: whoever finds that record, and no answer, looks first. */
  async #ask(
    opportunity: OpportunityHead,
    handoff: Handoff,
    { connection, attempts }: ProjectAt,
    { policy, lease }: { readonly policy: CompiledPolicy; readonly lease: HandoffLease },
  ): Promise<Handoff | undefined> {
    const found = this.targets.find(connection);
    const sent = await this.#inTransaction(lease, async (tx) => {
      const at = this.clock.now();
      await this.stores.handoffs.appendAttempt(tx, opportunity.id, { connection, fence: lease.fence, at, what: 'sent' });
      return this.#change(tx, opportunity, { kind: 'sent', connection, at }, policy);
    });
    const system = sent?.systems.find((one) => one.connection === connection);
    if (sent?.state !== 'creating' || system?.state !== 'sent') return sent;
    const stale = this.clock.epochMs() - Date.parse(system.sentAt!) > STALE_MS;
    const event: HandoffEvent =
      found && !stale
        ? await putProject(
            { connection, target: found.target, project: sent.project!, reference: handoff.opportunityId, attempts },
            this.clock,
          )
        : {
            kind: 'not-done',
            connection,
            why: found ? 'the request waited here too long to leave' : `connection ${connection} no longer has the role project`,
            notBefore: new Date(this.clock.epochMs() + RECHECK_MS).toISOString(),
          };
    return this.#record(opportunity, event, { policy, lease });
  }

  /** An answer that comes after the lease was lost is an attempt, and changes no state: the next replica looks by itself. */
  async #record(
    opportunity: OpportunityHead,
    event: HandoffEvent,
    { policy, lease }: { readonly policy: CompiledPolicy; readonly lease: HandoffLease },
  ): Promise<Handoff | undefined> {
    const attempt = attemptOf(event, lease.fence, this.clock.now());
    try {
      return await this.#inTransaction(lease, async (tx) => {
        await this.stores.handoffs.appendAttempt(tx, opportunity.id, attempt);
        return this.#change(tx, opportunity, event, policy);
      });
    } catch (error) {
      if (error instanceof LeaseLost)
        await this.database.transaction((tx) => this.stores.handoffs.appendAttempt(tx, opportunity.id, attempt));
      throw error;
    }
  }

  async #confirm(
    opportunity: OpportunityHead,
    { project, confirmingSince }: Handoff,
    { policy, lease }: { readonly policy: CompiledPolicy; readonly lease: HandoffLease },
  ): Promise<void> {
    await this.#inTransaction(lease, async (tx) => {
      const objects = await this.stores.objects.byCode(tx, 'project', project!.code);
      const references = objects.flatMap(({ crossReferences }) => crossReferences);
      const after = await this.#change(tx, opportunity, { kind: 'seen', references }, policy);
      const late = this.clock.epochMs() - Date.parse(confirmingSince ?? this.clock.now()) > this.confirmWithinMs;
      if (after?.state === 'confirming' && late) await this.#change(tx, opportunity, { kind: 'overdue' }, policy);
    });
  }

  #change(tx: Tx, opportunity: OpportunityHead, event: HandoffEvent, policy: CompiledPolicy): Promise<Handoff | undefined> {
    const dueAt = (handoff: Handoff): Instant | null => this.#dueAt(handoff);
    return this.changes.apply(tx, { opportunity, event, actor: ACTOR, policyDigest: policy.digest, dueAt });
  }

  #dueAt(handoff: Handoff): Instant | null {
    const later = (ms: number): Instant => new Date(this.clock.epochMs() + ms).toISOString();
    const next = nextSystem(handoff);
    if (next) return this.#sendAt(next) ?? later(0);
    if (handoff.state === 'confirming') return later(LOOK_AGAIN_MS);
    return handoff.state === 'incomplete' ? later(RECHECK_MS) : null;
  }

  /** Writes only while the lease is ours. */
  #inTransaction<T>(lease: HandoffLease, fn: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      if (!(await new Leases(tx).renew(lease.name, lease.owner, lease.ttlMs))) throw new LeaseLost(lease.name);
      return fn(tx);
    });
  }
}

const attemptOf = (event: HandoffEvent, fence: number, at: Instant) => {
  if (event.kind !== 'there' && event.kind !== 'refused' && event.kind !== 'unknown' && event.kind !== 'not-done')
    throw new Error(`${event.kind} is no answer of a system`);
  const detail = event.kind === 'there' ? event.externalId : event.kind === 'refused' ? event.reasons.join('; ') : event.why;
  return { connection: event.connection, fence, at, what: event.kind, detail };
};
