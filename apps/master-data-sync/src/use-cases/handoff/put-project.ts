import type { Clock } from '@tieout/clock';
import type { NewProject, ProjectOutcome, ProjectTarget } from '@tieout/connector-kit';
import { isFault, type ConnectionId } from '@tieout/model';
import { ATTR, inSpan } from '@tieout/telemetry';
import { sameProject } from '../../domain/handoff/check-handoff.js';
import type { HandoffEvent } from '../../domain/handoff/step-handoff.js';

const BACK_OFF_FIRST_MS = 2_000;
const BACK_OFF_MAX_MS = 300_000;

export interface Asked {
  readonly connection: ConnectionId;
  readonly target: ProjectTarget;
  readonly project: NewProject;
  /** The same for the same project, always. */
  readonly reference: string;
  /** How often it was asked before without a project. */
  readonly attempts: number;
}

/** Asks one system for the project. Whatever it answers, or does not, is an event of the handoff. */
export const putProject = async (
  { connection, target, project, reference, attempts }: Asked,
  clock: Clock,
): Promise<HandoffEvent> => {
  try {
    const outcome = await inSpan(
      'put project',
      { attributes: { [ATTR.connection]: connection, [ATTR.project]: project.code } },
      () => target.putProject(project, reference),
    );
    return eventOf(outcome, connection, project, clock);
  } catch (error) {
    // What is not a fault may have happened anywhere on the way; the next request looks first.
    if (!isFault(error) || error.kind === 'OutcomeUnknown' || error.kind === 'ContractBroken')
      return { kind: 'unknown', connection, why: error instanceof Error ? error.message : String(error) };
    const backOff = Math.min(BACK_OFF_FIRST_MS * 2 ** attempts, BACK_OFF_MAX_MS);
    const notBefore = new Date(clock.epochMs() + Math.max(backOff, error.retryAfterMs ?? 0)).toISOString();
    return { kind: 'not-done', connection, why: `${error.kind}: ${error.message}`, notBefore };
  }
};

const eventOf = (outcome: ProjectOutcome, connection: ConnectionId, project: NewProject, clock: Clock): HandoffEvent => {
  if (outcome.kind === 'refused') return { kind: 'refused', connection, reasons: outcome.reasons };
  if (outcome.kind === 'created') return { kind: 'there', connection, externalId: outcome.externalId, at: clock.now() };
  const { externalId, legalEntityId } = outcome.project;
  if (sameProject(outcome.project, project)) return { kind: 'there', connection, externalId, at: clock.now() };
  const whose = legalEntityId === undefined ? 'which does not say whose it is' : `of ${legalEntityId}`;
  const reason = `the code ${project.code} is taken there by project ${externalId}, ${whose}, for another client or legal entity`;
  return { kind: 'refused', connection, reasons: [reason] };
};
