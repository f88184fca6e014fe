import type { NewProject, ProjectCapabilities } from '@tieout/connector-kit';
import type { ConnectionId, Instant } from '@tieout/model';

/**
 * `incomplete`: won, but something is missing. `creating`: being made, system by system. `confirming`: made everywhere, not yet read back
 * everywhere. `stopped`: no longer won, and nothing was made. `failed`: a system refused. `withdrawn`: no longer won, after something was
 * made: a person decides what becomes of it.
 */
export const HANDOFF_STATES = ['incomplete', 'creating', 'confirming', 'done', 'stopped', 'failed', 'withdrawn'] as const;
export type HandoffState = (typeof HANDOFF_STATES)[number];

/** What an opportunity must have before it becomes a project. */
export const HANDOFF_CHECKS = [
  'opportunity',
  'client',
  'legal-entity',
  'currency',
  'project-code',
  'project-manager',
  'dates',
  'budget',
  'revenue-method',
  'routes',
] as const;
export type HandoffCheck = (typeof HANDOFF_CHECKS)[number];
export interface FailedCheck {
  readonly check: HandoffCheck;
  /** What is wrong, and what to do. */
  readonly why: string;
}

/** The project at one system. `sent`: a request is on its way, or its answer was lost; the next one looks first. */
export interface ProjectAt {
  readonly connection: ConnectionId;
  /** Its projects are read as master data, so that what was made must show there. */
  readonly readBack: boolean;
  readonly state: 'pending' | 'sent' | 'there' | 'refused';
  readonly sentAt?: Instant | undefined;
  /** An earlier request may have made it: what the next one says of itself does not say that nothing stands. */
  readonly uncertain?: boolean | undefined;
  readonly externalId?: string | undefined;
  /** Requests whose end was not a project, since somebody last asked to try again. */
  readonly attempts: number;
  readonly why?: string | undefined;
  readonly notBefore?: Instant | undefined;
}

export interface Handoff {
  /** Id of the canonical opportunity, and our reference at every system. */
  readonly opportunityId: string;
  readonly opportunityCode: string;
  readonly legalEntityId: string;
  readonly state: HandoffState;
  readonly failed: readonly FailedCheck[];
  /** Frozen once something was sent, so that every system gets the same. */
  readonly project?: NewProject | undefined;
  /** In the order of making: the project's system of record first. */
  readonly systems: readonly ProjectAt[];
  readonly confirmingSince?: Instant | undefined;
}

/** A system that has not said yes so often is told to a person; we go on trying. */
export const STUCK_AFTER = 6;

/** May stand somewhere: made, or on its way with an outcome that nobody knows. */
export const maybeThere = ({ systems }: Pick<Handoff, 'systems'>): readonly ProjectAt[] =>
  systems.filter(({ state }) => state === 'there' || state === 'sent');

/** The one system whose turn it is. */
export const nextSystem = (handoff: Handoff): ProjectAt | undefined =>
  handoff.state === 'creating' ? handoff.systems.find(({ state }) => state !== 'there') : undefined;

export interface Condition {
  readonly reason: 'HANDOFF_INCOMPLETE' | 'HANDOFF_FAILED';
  readonly detail: string;
  readonly suggestion?: string;
}

/** What of it wants a person now; at most one thing. */
export const conditionOf = (handoff: Handoff): Condition | undefined => {
  const { state, failed, systems, opportunityCode: code } = handoff;
  if (state === 'incomplete')
    return { reason: 'HANDOFF_INCOMPLETE', detail: `${code}: ${failed.map(({ check, why }) => `${check}: ${why}`).join('; ')}` };
  if (state === 'failed') {
    const refused = systems.filter((system) => system.state === 'refused');
    return {
      reason: 'HANDOFF_FAILED',
      detail: `${code}: ${refused.map(({ connection, why }) => `${connection} refused the project: ${why}`).join('; ')}`,
      suggestion: `Mend what the system names, then POST /handoffs/${code}/retry.`,
    };
  }
  if (state === 'withdrawn') {
    const where = maybeThere(handoff).map(({ connection, state: at }) => (at === 'there' ? connection : `perhaps ${connection}`));
    return {
      reason: 'HANDOFF_FAILED',
      detail: `${code} is no longer won, but its project ${handoff.project?.code ?? ''} stands in ${where.join(', ')}`,
      suggestion: 'Close the project there, or win the opportunity again.',
    };
  }
  const stuck = systems.filter(({ attempts, state: at }) => at !== 'there' && attempts >= STUCK_AFTER);
  if (state !== 'creating' || stuck.length === 0) return undefined;
  return {
    reason: 'HANDOFF_FAILED',
    detail: `${code}: ${stuck.map(({ connection, attempts, why }) => `${connection}, ${attempts} times: ${why}`).join('; ')}`,
    suggestion: 'Look at the connection; we go on trying.',
  };
};

/** From when on a request may leave: an earlier one that may still be carried out has to be over, or the look-up proves nothing. */
export const maySendAt = (
  { state, sentAt, notBefore }: ProjectAt,
  { deadlineMs, settleMs, readLagMs }: Pick<ProjectCapabilities, 'deadlineMs' | 'settleMs' | 'readLagMs'>,
): Instant | undefined => {
  const over =
    state === 'sent' && sentAt !== undefined
      ? new Date(Date.parse(sentAt) + deadlineMs + settleMs + readLagMs).toISOString()
      : undefined;
  return over === undefined || (notBefore !== undefined && notBefore > over) ? notBefore : over;
};
