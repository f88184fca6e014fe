import type { NewProject } from '@tieout/connector-kit';
import { canonicalJson, type ConnectionId, type Instant } from '@tieout/model';
import { maybeThere, type FailedCheck, type Handoff, type HandoffState, type ProjectAt } from './handoff.js';

/** Where a project is to be made. */
export type Place = Pick<ProjectAt, 'connection' | 'readBack'>;

export type HandoffEvent =
  | { readonly kind: 'complete'; readonly project: NewProject; readonly places: readonly Place[] }
  | { readonly kind: 'incomplete'; readonly failed: readonly FailedCheck[] }
  | { readonly kind: 'no-longer-won' }
  | { readonly kind: 'sent'; readonly connection: ConnectionId; readonly at: Instant }
  | { readonly kind: 'there'; readonly connection: ConnectionId; readonly externalId: string; readonly at: Instant }
  | { readonly kind: 'refused'; readonly connection: ConnectionId; readonly reasons: readonly string[] }
  | { readonly kind: 'unknown'; readonly connection: ConnectionId; readonly why: string }
  | { readonly kind: 'not-done'; readonly connection: ConnectionId; readonly why: string; readonly notBefore: Instant }
  /** The canonical project is seen with a cross-reference in these. */
  | { readonly kind: 'seen'; readonly references: readonly { readonly connection: ConnectionId; readonly externalId: string }[] }
  /** Made everywhere, and for too long not seen everywhere. */
  | { readonly kind: 'overdue' }
  | { readonly kind: 'retry' };
export type HandoffEventKind = HandoffEvent['kind'];

/** What may follow what; an event that is not listed changes nothing. */
export const HANDOFF_TRANSITIONS = {
  incomplete: { incomplete: ['incomplete'], complete: ['creating'], 'no-longer-won': ['stopped'] },
  creating: {
    // Until something was sent, what is to be made follows the opportunity.
    complete: ['creating'],
    incomplete: ['incomplete'],
    'no-longer-won': ['stopped', 'withdrawn'],
    sent: ['creating'],
    there: ['creating', 'confirming'],
    refused: ['failed'],
    unknown: ['creating'],
    'not-done': ['creating'],
    retry: ['creating'],
  },
  confirming: { seen: ['done'], overdue: ['creating'], 'no-longer-won': ['withdrawn'] },
  done: { 'no-longer-won': ['withdrawn'] },
  stopped: { complete: ['creating'], incomplete: ['incomplete'] },
  failed: {
    // Nothing stands anywhere yet: another code, say, may be what was wrong.
    complete: ['creating'],
    incomplete: ['incomplete'],
    'no-longer-won': ['stopped', 'withdrawn'],
    retry: ['creating'],
  },
  withdrawn: {
    complete: ['creating', 'confirming'],
    // What was on its way when it was un-won still comes in.
    there: ['withdrawn'],
    refused: ['withdrawn', 'stopped'],
    unknown: ['withdrawn'],
    'not-done': ['withdrawn', 'stopped'],
  },
} as const satisfies Readonly<Record<HandoffState, Readonly<Partial<Record<HandoffEventKind, readonly HandoffState[]>>>>>;

const allowed = (state: HandoffState, kind: HandoffEventKind): boolean => Object.hasOwn(HANDOFF_TRANSITIONS[state], kind);

/** The handoff after the event; the same object when the event changes nothing. */
export const stepHandoff = (handoff: Handoff, event: HandoffEvent): Handoff =>
  allowed(handoff.state, event.kind) ? apply(handoff, event) : handoff;

/** Of an opportunity that is won and has no handoff yet. */
export const beginHandoff = (
  opportunity: Pick<Handoff, 'opportunityId' | 'opportunityCode' | 'legalEntityId'>,
  event: Extract<HandoffEvent, { kind: 'complete' | 'incomplete' }>,
): Handoff => apply({ ...opportunity, state: 'incomplete', failed: [], systems: [] }, event);

const apply = (handoff: Handoff, event: HandoffEvent): Handoff => {
  switch (event.kind) {
    case 'complete':
      return complete(handoff, event.project, event.places);
    case 'incomplete':
      if (maybeThere(handoff).length > 0) return handoff;
      return { ...cleared(handoff), state: 'incomplete', failed: event.failed, project: undefined, systems: [] };
    case 'no-longer-won':
      return maybeThere(handoff).length > 0
        ? { ...cleared(handoff), state: 'withdrawn' }
        : { ...cleared(handoff), state: 'stopped', project: undefined, systems: [] };
    case 'seen': {
      const missing = handoff.systems.some(
        ({ readBack, connection, externalId }) =>
          readBack && !event.references.some((r) => r.connection === connection && r.externalId === externalId),
      );
      return missing ? handoff : { ...cleared(handoff), state: 'done' };
    }
    case 'overdue':
      // A yes may have been a lie. Asking again looks first, so whatever stands is found.
      return {
        ...cleared(handoff),
        state: 'creating',
        systems: handoff.systems.map((system) =>
          system.readBack
            ? { ...asked(system), attempts: system.attempts + 1, why: 'it said yes, and the project does not show' }
            : system,
        ),
      };
    case 'retry':
      return { ...handoff, state: 'creating', systems: handoff.systems.map(again) };
    default:
      return atSystem(handoff, event);
  }
};

const cleared = ({ confirmingSince: _since, ...handoff }: Handoff): Handoff => ({ ...handoff, failed: [] });

/** It was there: the next request finds out whether it still is, and may leave at once. */
const asked = ({ connection, readBack, attempts }: ProjectAt): ProjectAt => ({
  connection,
  readBack,
  attempts,
  state: 'sent',
  uncertain: true,
});

const again = (system: ProjectAt): ProjectAt => {
  const { notBefore: _notBefore, why: _why, ...rest } = system;
  if (system.state === 'there') return system;
  // What is on its way stays so: its time of settling has to pass before anybody may look.
  return { ...rest, state: system.state === 'refused' ? 'pending' : system.state, attempts: 0 };
};

const complete = (handoff: Handoff, project: NewProject, places: readonly Place[]): Handoff => {
  if (handoff.state === 'withdrawn') return resumed(handoff);
  if (maybeThere(handoff).length > 0) return handoff;
  // The same again after a refusal would be refused again.
  if (sameWish(handoff, project, places)) return handoff;
  const systems = places.map(({ connection, readBack }) => ({ connection, readBack, state: 'pending' as const, attempts: 0 }));
  return { ...cleared(handoff), state: 'creating', project, systems };
};

const sameWish = (handoff: Handoff, project: NewProject, places: readonly Place[]): boolean =>
  handoff.project !== undefined &&
  canonicalJson(handoff.project) === canonicalJson(project) &&
  handoff.systems.map(({ connection }) => connection).join() === places.map(({ connection }) => connection).join();

/** Won again: it goes on where it was. What was made is read back once more. */
const resumed = (handoff: Handoff): Handoff => {
  const systems = handoff.systems.map((system) => (system.state === 'there' ? asked(system) : again(system)));
  return { ...cleared(handoff), state: 'creating', systems };
};

type SystemEvent = Extract<HandoffEvent, { readonly connection: ConnectionId }>;

const atSystem = (handoff: Handoff, event: SystemEvent): Handoff => {
  const before = handoff.systems.find(({ connection }) => connection === event.connection);
  // An answer without a request in flight is one that somebody else has dealt with.
  if (!before || (event.kind === 'sent' ? before.state === 'there' || before.state === 'refused' : before.state !== 'sent'))
    return handoff;
  const after = afterAnswer(before, event);
  const systems = handoff.systems.map((system) => (system === before ? after : system));
  const stepped = { ...handoff, systems };
  if (handoff.state === 'withdrawn') return maybeThere(stepped).length > 0 ? stepped : { ...stepped, state: 'stopped' };
  if (event.kind === 'refused') return { ...stepped, state: 'failed' };
  if (event.kind === 'there' && systems.every(({ state }) => state === 'there'))
    return { ...stepped, state: 'confirming', confirmingSince: event.at };
  return stepped;
};

const afterAnswer = (system: ProjectAt, event: SystemEvent): ProjectAt => {
  const { connection, readBack, attempts, why, uncertain } = system;
  switch (event.kind) {
    case 'sent': {
      // The one before never told its end.
      const earlier = system.state === 'sent' || uncertain === true;
      const kept = { ...(why !== undefined && { why }), ...(earlier && { uncertain: true }) };
      return { connection, readBack, attempts, state: 'sent', sentAt: event.at, ...kept };
    }
    case 'there':
      return { connection, readBack, attempts: 0, state: 'there', externalId: event.externalId };
    case 'refused':
      return { connection, readBack, attempts, state: 'refused', why: event.reasons.join('; ') };
    case 'unknown':
      return { ...system, uncertain: true, attempts: attempts + 1, why: event.why };
    case 'not-done': {
      const after = { attempts: attempts + 1, why: event.why, notBefore: event.notBefore };
      return uncertain ? { ...system, ...after } : { connection, readBack, state: 'pending', ...after };
    }
  }
};
