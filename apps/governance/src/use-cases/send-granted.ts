import type { GrantV1 } from '@tieout/contracts';
import { AnswerProblem } from '@tieout/messaging';
import { isFault } from '@tieout/model';
import { signed } from '@tieout/signing';
import { claimUnsent, lockRequest, putRequest, tryAgainAfter } from '../adapters/postgres/operator-request.store.js';
import type { Governance } from '../app-part.js';
import { finishRequest, type OperatorRequest } from '../domain/requests/operator-request.js';
import type { ActivePolicy } from './active-policy.js';
import { auditRequest } from './operator-requests.js';

const ANSWER_MS = 60_000;
const LEASE_MS = 2 * ANSWER_MS;
const AGAIN_MS = 3_000;
const AWAY = 503;
/** A command that a stop cuts off is sent again when its lease is over. */
const STOP_MS = 5_000;

/** Sends approved commands, with the grant, as the person who asked; keeps what the service answered. */
export class SendGranted {
  readonly #inFlight = new Set<Promise<void>>();

  constructor(
    private readonly governance: Governance,
    private readonly activePolicy: ActivePolicy,
  ) {}

  async run(): Promise<'more' | 'idle'> {
    const claimed = await claimUnsent(this.governance.runtime.database, LEASE_MS);
    // Not waited for: a service that does not answer must not hold up what is for the others.
    for (const request of claimed) this.#start(request);
    return claimed.length > 0 ? 'more' : 'idle';
  }

  /** Waits a little for the answers that are on their way. */
  async stop(): Promise<void> {
    const limit = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref());
    await Promise.race([Promise.all(this.#inFlight), limit]);
  }

  #start(request: OperatorRequest): void {
    const { logger } = this.governance.runtime;
    const sending = this.#send(request)
      .catch((error: unknown) => logger.error({ err: error, requestId: request.requestId }, 'a granted command was not sent'))
      .finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  async #send(request: OperatorRequest): Promise<void> {
    const { questions, clock, database } = this.governance.runtime;
    const { subject, command, requestedBy, grantExpiresAt } = request;
    const grant = this.#grant(request);
    if (grant === undefined || grantExpiresAt === null || clock.now() >= grantExpiresAt)
      return this.#finish(request, 'fail', 'the service was away until the approval was too old; ask anew', null);
    try {
      const answer = await questions.command<unknown>(subject, { ...command, actor: requestedBy, grant }, ANSWER_MS);
      await this.#finish(request, 'succeed', 'carried out', answer);
    } catch (error) {
      // An answer of ours was lost: the service spends a grant in the transaction of the command.
      if (error instanceof AnswerProblem && error.code === 'grant-used')
        await this.#finish(request, 'succeed', 'carried out; its answer was lost', null);
      // Something behind the service is away; it gave the grant back.
      else if (error instanceof AnswerProblem && error.status === AWAY)
        await tryAgainAfter(database, request.requestId, AGAIN_MS);
      else if (error instanceof AnswerProblem)
        await this.#finish(request, 'fail', error.message, {
          status: error.status,
          code: error.code,
          title: error.title,
          detail: error.detail,
        });
      // It may have been carried out: commands are safe to repeat, and are until somebody answers.
      else if (isFault(error)) await tryAgainAfter(database, request.requestId, AGAIN_MS);
      else throw error;
    }
  }

  #grant({
    requestId,
    commandDigest,
    requestedBy,
    approvedBy,
    approvedAt,
    grantExpiresAt,
  }: OperatorRequest): GrantV1 | undefined {
    if (approvedBy === null || approvedAt === null || grantExpiresAt === null) return undefined;
    const statement = { requestId, commandDigest, requestedBy, approvedBy, approvedAt, expiresAt: grantExpiresAt };
    return { ...statement, ...signed('grant', statement, this.governance.config.signingKey) };
  }

  async #finish({ requestId }: OperatorRequest, event: 'succeed' | 'fail', why: string, answer: unknown): Promise<void> {
    const { database, clock, name } = this.governance.runtime;
    const by = `service:${name}`;
    await database.transaction(async (tx) => {
      const now = await lockRequest(tx, requestId);
      const finished = now && finishRequest(now, event, by, { why, answer }, clock.now());
      // Another replica heard the answer first.
      if (!finished?.ok) return;
      await putRequest(tx, finished.value);
      const action = event === 'succeed' ? 'carried-out' : 'failed';
      await auditRequest(tx, this.activePolicy, { actor: by, action, before: now, after: finished.value, at: clock.now() });
    });
  }
}
