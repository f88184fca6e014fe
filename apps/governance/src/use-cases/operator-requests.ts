import { COMMAND_CONTRACTS, commandDigest, GrantedCommandV1 } from '@tieout/contracts';
import { type Instant, UNASSIGNED } from '@tieout/model';
import { appendAudit, notify, type Tx } from '@tieout/persistence';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { v7 } from 'uuid';
import {
  addRequest,
  findRequest,
  listRequests,
  lockRequest,
  putRequest,
  requestsPastTime,
} from '../adapters/postgres/operator-request.store.js';
import type { Governance } from '../app-part.js';
import {
  approveRequest,
  closeRequest,
  expireRequest,
  openRequest,
  type NewRequest,
  type OperatorRequest,
} from '../domain/requests/operator-request.js';
import type { Person } from '../domain/person.js';
import { allowed, refused, type ChangeRefusal, type Decision } from '../domain/refusal.js';
import type { ActivePolicy } from './active-policy.js';
import { refuseWrongClock } from './policy-changes.js';

/** Wakes whoever sends what was approved. */
export const REQUEST_APPROVED_CHANNEL = 'tieout_request_approved';

export type AskedCommand = Pick<NewRequest, 'subject' | 'command' | 'size' | 'why'>;

/** Commands that wait for a second person. */
export class OperatorRequests {
  constructor(
    private readonly governance: Governance,
    private readonly activePolicy: ActivePolicy,
  ) {}

  list(filter: Parameters<typeof listRequests>[1]): Promise<OperatorRequest[]> {
    return listRequests(this.governance.runtime.database, filter);
  }

  async find(requestId: string): Promise<Decision<OperatorRequest>> {
    const found = await findRequest(this.governance.runtime.database, requestId);
    return found === undefined ? noSuchRequest(requestId) : allowed(found);
  }

  async open(person: Person, asked: AskedCommand): Promise<Decision<OperatorRequest>> {
    const { actor: _actor, grant: _grant, ...command } = asked.command;
    const wrong = refuseCommand(asked.subject, command);
    if (wrong) return wrong;
    return this.#change(async (tx, at) => {
      const digest = commandDigest(asked.subject, command);
      const request = openRequest({ ...asked, command, commandDigest: digest, requestId: v7() }, person, at);
      await addRequest(tx, request);
      await auditRequest(tx, this.activePolicy, { actor: person.actor, action: 'opened', after: request, at });
      return allowed(request);
    });
  }

  /** @param commandDigest of the command that was looked at; absent: whatever the request holds, which never changes */
  approve(person: Person, requestId: string, digest?: string): Promise<Decision<OperatorRequest>> {
    return this.#decide(requestId, person, 'approved', async (tx, request, at) => {
      const approved = approveRequest(request, person, digest ?? request.commandDigest, at);
      if (approved.ok) await notify(tx, REQUEST_APPROVED_CHANNEL);
      return approved;
    });
  }

  close(person: Person, requestId: string, event: 'reject' | 'withdraw', why: string): Promise<Decision<OperatorRequest>> {
    const action = event === 'reject' ? 'rejected' : 'withdrawn';
    return this.#decide(requestId, person, action, async (_tx, request, at) => closeRequest(request, event, person, why, at));
  }

  async expireOld(): Promise<'more' | 'idle'> {
    const by = `service:${this.governance.runtime.name}`;
    const done = await this.#change(async (tx, at) => {
      const old = await requestsPastTime(tx, at);
      for (const request of old) {
        const expired = expireRequest(request, by, at);
        if (!expired.ok) continue;
        await putRequest(tx, expired.value);
        await auditRequest(tx, this.activePolicy, { actor: by, action: 'expired', before: request, after: expired.value, at });
      }
      return allowed(old.length);
    });
    return done.ok && done.value > 0 ? 'more' : 'idle';
  }

  #change<T>(fn: (tx: Tx, at: Instant) => Promise<Decision<T>>): Promise<Decision<T>> {
    const { database, clock } = this.governance.runtime;
    return database.transaction(async (tx) => (await refuseWrongClock(tx, clock)) ?? fn(tx, clock.now()));
  }

  #decide(
    requestId: string,
    person: Person,
    action: string,
    decide: (tx: Tx, request: OperatorRequest, at: Instant) => Promise<Decision<OperatorRequest>>,
  ): Promise<Decision<OperatorRequest>> {
    return this.#change(async (tx, at) => {
      const before = await lockRequest(tx, requestId);
      if (before === undefined) return noSuchRequest(requestId);
      const decided = await decide(tx, before, at);
      if (!decided.ok) return decided;
      await putRequest(tx, decided.value);
      await auditRequest(tx, this.activePolicy, { actor: person.actor, action, before, after: decided.value, at });
      return decided;
    });
  }
}

interface RequestTransition {
  readonly actor: string;
  readonly action: string;
  /** Absent: it is new. */
  readonly before?: OperatorRequest;
  readonly after: OperatorRequest;
  readonly at: Instant;
}

export const auditRequest = async (
  tx: Tx,
  activePolicy: ActivePolicy,
  { actor, action, before, after, at }: RequestTransition,
): Promise<void> => {
  const shown = ({ state, subject, commandDigest: digest, requestedBy, approvedBy }: OperatorRequest): object => ({
    state,
    subject,
    commandDigest: digest,
    requestedBy,
    approvedBy,
  });
  const { activation } = await activePolicy.standing(tx);
  const legalEntityId = after.command['legalEntityId'];
  await appendAudit(
    tx,
    [
      {
        actor,
        action: `request.${action}`,
        subjectKind: 'operator-request',
        subjectId: after.requestId,
        legalEntityId: typeof legalEntityId === 'string' ? legalEntityId : UNASSIGNED,
        ...(before && { before: shown(before) }),
        after: before === undefined ? { ...shown(after), command: after.command, size: after.size } : shown(after),
        policyDigest: activation.digest,
        reason: after.closing?.why ?? after.why,
      },
    ],
    at,
  );
};

/** A request for nonsense would only be found out after somebody approved it. */
const refuseCommand = (subject: string, command: object): { readonly ok: false; readonly refusal: ChangeRefusal } | undefined => {
  const contract = (COMMAND_CONTRACTS as Readonly<Record<string, new () => object>>)[subject];
  if (contract === undefined || !(contract.prototype instanceof GrantedCommandV1))
    return refused(
      'command-not-known',
      `"${subject}" is no command that a second person approves.`,
      'Use "subject" and "command" as the service answered them with second-person-needed.',
    );
  const errors = validateSync(plainToInstance(contract, { ...command, actor: 'user:requester' }));
  return errors.length === 0
    ? undefined
    : {
        ok: false,
        refusal: {
          code: 'command-wrong',
          detail: `The command does not keep the contract of ${subject}.`,
          whatToDo: 'Correct the fields named in "errors".',
          errors: errors.flatMap((error) => problemsOf(error, 'command')),
        },
      };
};

const problemsOf = ({ property, constraints, children }: ValidationError, path: string): { where: string; why: string }[] => [
  ...Object.values(constraints ?? {}).map((why) => ({ where: `${path}.${property}`, why })),
  ...(children ?? []).flatMap((child) => problemsOf(child, `${path}.${property}`)),
];

const noSuchRequest = (requestId: string) =>
  refused('no-such-request', `No request has the id ${requestId}.`, 'Look for it with GET /requests.');
