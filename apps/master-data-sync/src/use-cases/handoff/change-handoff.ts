import type { Clock } from '@tieout/clock';
import { EVENT_TYPES } from '@tieout/contracts';
import { canonicalJson, type Instant, type MasterObject } from '@tieout/model';
import { appendAudit, appendOutbox, type NewEvent, type Tx } from '@tieout/persistence';
import { currentTraceparent } from '@tieout/telemetry';
import { HandoffStore } from '../../adapters/postgres/handoff.store.js';
import { conditionOf, type Condition, type Handoff } from '../../domain/handoff/handoff.js';
import { beginHandoff, stepHandoff, type HandoffEvent } from '../../domain/handoff/step-handoff.js';

export type OpportunityHead = Pick<MasterObject, 'id' | 'code' | 'revision' | 'legalEntityId'>;

export interface HandoffChange {
  readonly opportunity: OpportunityHead;
  readonly event: HandoffEvent;
  readonly actor: string;
  readonly policyDigest: string;
  /** When it is looked at again by itself. */
  readonly dueAt: (handoff: Handoff) => Instant | null;
}

/** One step of a handoff: state, audit row and what people are told, in the caller's transaction. */
export class ChangeHandoff {
  constructor(
    private readonly handoffs: HandoffStore,
    private readonly clock: Clock,
  ) {}

  /** @returns the handoff as it is now; undefined when the event begins none. */
  async apply(tx: Tx, change: HandoffChange): Promise<Handoff | undefined> {
    const { opportunity, event } = change;
    const before = await this.handoffs.lock(tx, opportunity.id);
    const stepped = before ? stepHandoff(renamed(before, opportunity), event) : begun(opportunity, event);
    if (!stepped) return undefined;
    const after = asStored(stepped);
    const now = this.clock.now();
    await this.handoffs.save(tx, after, { revision: opportunity.revision, now, dueAt: change.dueAt(after) });
    if (before && canonicalJson(before) === canonicalJson(after)) return after;
    await this.#tell(tx, before, after, change, now);
    return after;
  }

  async #tell(tx: Tx, before: Handoff | undefined, after: Handoff, change: HandoffChange, now: Instant): Promise<void> {
    const traceparent = currentTraceparent();
    const condition = conditionOf(after);
    await appendAudit(
      tx,
      [
        {
          actor: change.actor,
          action: `handoff.${change.event.kind}`,
          subjectKind: 'handoff',
          subjectId: after.opportunityId,
          legalEntityId: after.legalEntityId,
          before: before && recorded(before),
          after: recorded(after),
          policyDigest: change.policyDigest,
          reason: condition?.reason,
          traceparent,
        },
      ],
      now,
    );
    await appendOutbox(
      tx,
      'master',
      conditionEvents(before, after, now).map((event) => ({ ...event, traceparent })),
      now,
    );
  }
}

/** What the database gives back has no absent values in it. */
const asStored = (handoff: Handoff): Handoff => JSON.parse(JSON.stringify(handoff)) as Handoff;

const begun = ({ id, code, legalEntityId }: OpportunityHead, event: HandoffEvent): Handoff | undefined =>
  event.kind === 'complete' || event.kind === 'incomplete'
    ? beginHandoff({ opportunityId: id, opportunityCode: code, legalEntityId }, event)
    : undefined;

/** Code and legal entity are as the CRM says now; the id, and so our reference, stays. */
const renamed = (handoff: Handoff, { code, legalEntityId }: OpportunityHead): Handoff =>
  handoff.opportunityCode === code && handoff.legalEntityId === legalEntityId
    ? handoff
    : { ...handoff, opportunityCode: code, legalEntityId };

/** Who manages the project is told to the systems that make it, and to nobody else. */
const recorded = ({ project, ...handoff }: Handoff): object => {
  if (!project) return handoff;
  const { manager: _manager, ...rest } = project;
  return { ...handoff, project: rest };
};

const itemKey = (handoff: Handoff, { reason }: Condition): string =>
  `handoff:${reason === 'HANDOFF_FAILED' ? 'failed' : 'incomplete'}:${handoff.opportunityId}`;

/** What is new is raised, what is over is cleared, what stayed the same is not told again. */
const conditionEvents = (before: Handoff | undefined, after: Handoff, now: Instant): NewEvent[] => {
  const [was, is] = [before && conditionOf(before), conditionOf(after)];
  const events: NewEvent[] = [];
  const { opportunityCode, legalEntityId } = after;
  if (before && was && (!is || itemKey(after, is) !== itemKey(before, was)))
    events.push({
      type: EVENT_TYPES.conditionCleared,
      scope: [before.legalEntityId],
      body: { itemKey: itemKey(before, was), raisedBy: 'master', clearedAt: now },
    });
  if (is && (was?.reason !== is.reason || was.detail !== is.detail))
    events.push({
      type: EVENT_TYPES.conditionRaised,
      scope: [legalEntityId],
      body: {
        itemKey: itemKey(after, is),
        raisedBy: 'master',
        reason: is.reason,
        subjectKey: `opportunity:${opportunityCode}`,
        legalEntityId,
        detail: is.detail,
        ...(is.suggestion !== undefined && { suggestion: is.suggestion }),
        raisedAt: now,
      },
    });
  return events;
};
