import { randomUUID } from 'node:crypto';
import { commandDigest, type GrantV1 } from '@tieout/contracts';
import { UNASSIGNED, type DecimalString, type Instant } from '@tieout/model';
import { appendAudit, type Tx } from '@tieout/persistence';
import type { ActionSize, OperatorAction } from '@tieout/policy';
import { isSignedBy } from '@tieout/signing';
import { Problem } from './http/problem.js';
import type { ServiceRuntime } from './runtime.js';

/** How much a command would touch, as its dry run says. */
export interface CommandSize extends ActionSize {
  readonly hours?: DecimalString | undefined;
}

export interface GrantableCommand {
  readonly actor: string;
  readonly grant?: GrantV1 | undefined;
}

/** Passes a command when it is small enough, or when a second person agreed to it. */
export interface Pass {
  /**
   * Before anything is written; in the transaction of the change where there is one, so that a grant is used up if and only if the command
   * was carried out. @throws Problem second-person-needed, grant-refused, grant-used
   */
  readonly gate: (tx: Tx, size: CommandSize) => Promise<void>;
  /** The command failed after its gate, on the way: the grant may be used again. */
  giveBack(): Promise<void>;
}

/** Nobody agreed to it yet. Carries what the person who wants it sends to governance, POST /requests. */
export class SecondPersonNeeded extends Problem {
  override readonly extension;
  constructor(action: OperatorAction, { subject, command, size }: { subject: string; command: object; size: CommandSize }) {
    const amounts = Object.entries(size.amounts).map(([currency, amount]) => `${amount} ${currency}`);
    super(
      409,
      'second-person-needed',
      'A second person must agree',
      `By policy (approvals.yaml, secondPerson) ${action} of ${[`${size.lines} lines`, ...amounts].join(', ')} needs a second person.`,
      'Send subject, command and size of this answer to governance, POST /requests, and have somebody else approve it; it is carried out then.',
    );
    this.extension = { subject, command, size };
  }
}

const refusedGrant = (why: string): Problem =>
  new Problem(
    403,
    'grant-refused',
    'The grant does not count',
    why,
    'Ask governance for it anew: POST /requests, and have somebody else approve it.',
  );

const usedGrant = (requestId: string): Problem =>
  new Problem(
    409,
    'grant-used',
    'The grant is used up',
    `Request ${requestId} was carried out before.`,
    'See in the audit what became of it. For the same once more, ask anew.',
  );

/** Clocks may disagree by so much. */
const CLOCKS_AGREE_MS = 300_000;

/** Whether a grant counts for a command; undefined, or why not. Pure but for the keys' arithmetic. */
export const whyNotGranted = (
  grant: GrantV1,
  asked: { readonly subject: string; readonly command: GrantableCommand },
  { keys, now }: { readonly keys: ReturnType<ServiceRuntime['governanceKeys']>; readonly now: Instant },
): string | undefined => {
  const { keyId, signature, ...statement } = grant;
  if (!isSignedBy('grant', statement, { keyId, signature }, keys))
    return 'It is not signed by a key of governance that this service knows.';
  if (grant.commandDigest !== commandDigest(asked.subject, asked.command)) return 'It is for another command.';
  if (grant.requestedBy !== asked.command.actor) return `It was given to ${grant.requestedBy}, not to ${asked.command.actor}.`;
  if (grant.approvedBy === grant.requestedBy) return `${grant.approvedBy} both asked and approved.`;
  if (!grant.approvedBy.startsWith('user:')) return `${grant.approvedBy} is no person.`;
  if (Date.parse(grant.approvedAt) - Date.parse(now) > CLOCKS_AGREE_MS)
    return `It was approved at ${grant.approvedAt}, which is not yet; put the clocks right.`;
  if (grant.expiresAt <= now) return `It expired at ${grant.expiresAt}.`;
  return undefined;
};

interface Use {
  readonly action: OperatorAction;
  readonly subject: string;
  readonly command: GrantableCommand;
  readonly size: CommandSize;
  readonly useId: string;
}

/** Holds back operators' commands that move much, until a second person agreed: policy says from which size on, governance signs who agreed. */
export class SecondPerson {
  constructor(private readonly runtime: Pick<ServiceRuntime, 'policy' | 'governanceKeys' | 'clock' | 'database'>) {}

  pass(action: OperatorAction, subject: string, command: GrantableCommand): Pass {
    const { database } = this.runtime;
    const { grant } = command;
    const useId = randomUUID();
    return {
      gate: (tx, size) =>
        grant === undefined
          ? this.#ungranted(action, subject, command, size)
          : this.#use(tx, grant, { action, subject, command, size, useId }),
      giveBack: async () => {
        if (grant !== undefined) await database.query('delete from used_grant where use_id = $1', [useId]);
      },
    };
  }

  async #ungranted(action: OperatorAction, subject: string, command: GrantableCommand, size: CommandSize): Promise<void> {
    if (!this.runtime.policy.current().secondPerson(action, size)) return;
    const { actor: _actor, grant: _grant, ...asked } = command;
    throw new SecondPersonNeeded(action, { subject, command: asked, size });
  }

  /** Also where none is needed: whoever shows a grant wants it to count. */
  async #use(tx: Tx, grant: GrantV1, { action, subject, command, size, useId }: Use): Promise<void> {
    const { governanceKeys, clock, policy } = this.runtime;
    const now = clock.now();
    const why = whyNotGranted(grant, { subject, command }, { keys: governanceKeys(), now });
    if (why !== undefined) throw refusedGrant(why);
    const rows = await tx.query(
      'insert into used_grant (request_id, command_digest, use_id, used_at) values ($1, $2, $3, $4) on conflict (request_id) do nothing returning 1',
      [grant.requestId, grant.commandDigest, useId, now],
    );
    if (rows.length === 0) throw usedGrant(grant.requestId);
    const { requestId, requestedBy, approvedBy, approvedAt } = grant;
    await appendAudit(
      tx,
      [
        {
          actor: command.actor,
          action: 'grant.used',
          subjectKind: 'request',
          subjectId: requestId,
          legalEntityId: UNASSIGNED,
          after: { action, command: subject, commandDigest: grant.commandDigest, requestedBy, approvedBy, approvedAt, size },
          policyDigest: policy.current().digest,
        },
      ],
      now,
    );
  }
}
