import { addDuration, type Instant } from '@tieout/model';
import { refuseProgram, refuseRole, type Person } from '../person.js';
import { allowed, refused, type Decision } from '../refusal.js';
import { step, type Transitions } from '../transitions.js';
import type { Role } from '@tieout/policy';

export const REQUEST_STATES = ['open', 'approved', 'done', 'failed', 'rejected', 'withdrawn', 'expired'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];
export const REQUEST_EVENTS = ['approve', 'reject', 'withdraw', 'expire', 'succeed', 'fail'] as const;
export type RequestEvent = (typeof REQUEST_EVENTS)[number];

export const REQUEST_TRANSITIONS: Transitions<RequestState, RequestEvent> = {
  open: { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn', expire: 'expired' },
  // The command has not been answered yet; it is sent until it is.
  approved: { succeed: 'done', fail: 'failed' },
  done: {},
  failed: {},
  rejected: {},
  withdrawn: {},
  expired: {},
};
const stepRequest = (state: RequestState, event: RequestEvent): Decision<RequestState> =>
  step(REQUEST_TRANSITIONS, 'request', state, event);

/** What the service that carries it out said of its size. */
export interface RequestSize {
  readonly lines: number;
  readonly hours?: string;
  readonly amounts: Readonly<Record<string, string>>;
}

/** A command that waits for a second person. */
export interface OperatorRequest {
  readonly requestId: string;
  /** "cmd.posting.replay.v1" */
  readonly subject: string;
  readonly command: Readonly<Record<string, unknown>>;
  readonly commandDigest: string;
  readonly size: RequestSize | null;
  readonly why: string;
  readonly state: RequestState;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly expiresAt: Instant;
  readonly approvedBy: string | null;
  readonly approvedAt: Instant | null;
  /** Until when the approval counts. */
  readonly grantExpiresAt: Instant | null;
  readonly closing: { readonly at: Instant; readonly by: string; readonly why: string } | null;
  /** What the service answered. */
  readonly outcome: unknown;
}

/** A request that nobody looked at for a day is about a state of affairs that is gone. */
const OPEN_FOR = 'PT24H';
/** How long the command is tried where its service is away. */
const GRANTED_FOR = 'PT1H';

/** Who may be the second person. */
export const SECOND_PERSON_ROLES: readonly Role[] = ['finance', 'operator'];

export type NewRequest = Pick<OperatorRequest, 'requestId' | 'subject' | 'command' | 'commandDigest' | 'size' | 'why'>;

export const openRequest = (request: NewRequest, person: Person, at: Instant): OperatorRequest => ({
  ...request,
  state: 'open',
  requestedBy: person.actor,
  requestedAt: at,
  expiresAt: addDuration(at, OPEN_FOR),
  approvedBy: null,
  approvedAt: null,
  grantExpiresAt: null,
  closing: null,
  outcome: null,
});

export const approveRequest = (
  request: OperatorRequest,
  person: Person,
  /** Of the command that was looked at. */
  commandDigest: string,
  at: Instant,
): Decision<OperatorRequest> => {
  const next = stepRequest(request.state, 'approve');
  if (!next.ok) return next;
  if (at >= request.expiresAt)
    return refused('request-expired', `The request expired at ${request.expiresAt}.`, 'Have the command asked for anew.');
  const refusal = refuseProgram(person, 'approving') ?? refuseRole(person, SECOND_PERSON_ROLES, 'being the second person');
  if (refusal) return refusal;
  if (person.actor === request.requestedBy)
    return refused('self-approval', `${person.actor} asked for it.`, 'Ask another person with the role finance or operator.');
  if (commandDigest !== request.commandDigest)
    return refused(
      'another-digest',
      'The approval names the digest of another command.',
      'Look at the command of the request as it stands, and approve its commandDigest.',
    );
  return allowed({
    ...request,
    state: next.value,
    approvedBy: person.actor,
    approvedAt: at,
    grantExpiresAt: addDuration(at, GRANTED_FOR),
  });
};

export const closeRequest = (
  request: OperatorRequest,
  event: 'reject' | 'withdraw',
  person: Person,
  why: string,
  at: Instant,
): Decision<OperatorRequest> => {
  if (event === 'withdraw' && person.actor !== request.requestedBy)
    return refused('not-yours', `${person.actor} did not ask for it.`, 'Reject it, if you may be its second person.');
  const refusal =
    event === 'reject' ? (refuseProgram(person, 'rejecting') ?? refuseRole(person, SECOND_PERSON_ROLES, 'rejecting')) : undefined;
  return refusal ?? leave(request, event, person.actor, why, at);
};

export const expireRequest = (request: OperatorRequest, by: string, at: Instant): Decision<OperatorRequest> =>
  leave(request, 'expire', by, 'nobody approved it in time', at);

/** @param outcome what the service answered, or why it will not */
export const finishRequest = (
  request: OperatorRequest,
  event: 'succeed' | 'fail',
  by: string,
  outcome: { readonly why: string; readonly answer: unknown },
  at: Instant,
): Decision<OperatorRequest> => {
  const left = leave(request, event, by, outcome.why, at);
  return left.ok ? allowed({ ...left.value, outcome: outcome.answer ?? null }) : left;
};

const leave = (
  request: OperatorRequest,
  event: RequestEvent,
  by: string,
  why: string,
  at: Instant,
): Decision<OperatorRequest> => {
  const next = stepRequest(request.state, event);
  return next.ok ? allowed({ ...request, state: next.value, closing: { at, by, why } }) : next;
};
