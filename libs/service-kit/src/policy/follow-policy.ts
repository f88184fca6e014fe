import { EVENT_TYPES, eventSubject, type PolicyActivatedV1 } from '@tieout/contracts';
import { SubjectFollower, type Followed, type ReceivedEvent } from '@tieout/messaging';
import { UNASSIGNED, type ReasonCode } from '@tieout/model';
import { appendAudit, appendOutbox, type Tx } from '@tieout/persistence';
import { counter } from '@tieout/telemetry';
import type { CompiledPolicy } from '@tieout/policy';
import type { ServiceRuntime } from '../runtime.js';
import { activationName, checkActivation, reopenActivation, type ActivationVerdict } from './check-activation.js';
import { originOf } from './first-policy.js';
import type { PolicyInForce } from './policy-holder.js';
import { clearRefusal, putPolicy, putRefusal, readPolicy } from './policy.store.js';

/** With it this service could not open its connections. */
export interface Rejected {
  readonly activation: PolicyActivatedV1;
  readonly why: string;
}

export interface FollowPolicyOptions {
  readonly inForce: PolicyInForce;
  /** The activation that the service started with. */
  readonly started: PolicyActivatedV1 | undefined;
  readonly rejected: readonly Rejected[];
  /** Connections differ: they are opened at the start only. */
  readonly startAnew: (why: string) => void;
}

type Runtime = Pick<
  ServiceRuntime,
  'name' | 'context' | 'environment' | 'governanceKeys' | 'database' | 'link' | 'clock' | 'logger'
>;

const POLICY_REFUSED: ReasonCode = 'POLICY_REFUSED';
const refusals = counter('tieout.policy.refused', 'Policy bundles that were offered and refused');

/** Takes what governance activates: keeps it, brings it into force between two batches, and refuses what it cannot trust or compile. */
export class FollowPolicy {
  readonly #follower: SubjectFollower;
  #taken: PolicyActivatedV1 | undefined;
  /** What the last run left behind is not known. */
  #mayHaveRefused = true;
  #told = '';
  #leaving = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly o: FollowPolicyOptions,
  ) {
    this.#taken = o.started;
    this.#follower = new SubjectFollower({
      link: runtime.link,
      stream: 'GOVERNANCE',
      subject: eventSubject(EVENT_TYPES.policyActivated, runtime.environment),
      type: EVENT_TYPES.policyActivated,
      onEvent: (event) => this.#offered(event as ReceivedEvent<PolicyActivatedV1>),
      onRefused: (why) => this.#refuse(`a message about the policy of ${runtime.environment}: ${why}`),
    });
  }

  /** The database is there: what it keeps counts more than POLICY_DIR. Then what stands on the stream, then what comes. */
  async start(): Promise<void> {
    const { governanceKeys, database, environment, logger } = this.runtime;
    if (governanceKeys().length === 0) {
      logger.info('GOVERNANCE_PUBLIC_KEYS is not set: the policy is the bundle of POLICY_DIR, whatever is activated');
      return;
    }
    const stored = await readPolicy(database, environment);
    if (stored !== undefined && stored.activation.revision !== this.#taken?.revision) await this.#reopen(stored.activation);
    await this.#follower.start();
  }

  /** Nothing more is to be begun here: the service is started anew, or stops. */
  get leaving(): boolean {
    return this.#leaving;
  }

  async stop(): Promise<void> {
    this.#leaving = true;
    await this.#follower.stop();
  }

  async #reopen(activation: PolicyActivatedV1): Promise<void> {
    const { environment, governanceKeys } = this.runtime;
    const verdict = this.#rejected(activation) ?? reopenActivation(activation, { environment, keys: governanceKeys() });
    if (verdict.verdict === 'refused') await this.#refuse(verdict.why);
    else if (verdict.verdict === 'take') await this.#bringIntoForce(activation, verdict.policy);
  }

  async #offered({ body: activation }: ReceivedEvent<PolicyActivatedV1>): Promise<Followed> {
    if (this.#leaving) return 'settled';
    const { environment, governanceKeys, clock, database } = this.runtime;
    const question = { environment, keys: governanceKeys(), inForce: this.#taken, nowMs: clock.epochMs() };
    const checked = checkActivation(activation, question);
    const verdict = (checked.verdict === 'take' && this.#rejected(activation)) || checked;
    switch (verdict.verdict) {
      case 'older':
        return 'settled';
      case 'in-force':
        return this.#settled();
      case 'refused':
        return this.#refuse(verdict.why);
      case 'take':
        await database.transaction((tx) => this.#keep(tx, activation));
        await this.#bringIntoForce(activation, verdict.policy);
        this.#mayHaveRefused = true;
        return this.#settled();
    }
  }

  #rejected(activation: PolicyActivatedV1): ActivationVerdict | undefined {
    const found = this.o.rejected.find(({ activation: one }) => one.revision === activation.revision);
    return found && { verdict: 'refused', why: found.why };
  }

  async #keep(tx: Tx, activation: PolicyActivatedV1): Promise<void> {
    const { name, clock } = this.runtime;
    const { revision, digest, bundleId, environment, activatedBy } = activation;
    if (!(await putPolicy(tx, activation, clock.now()))) return;
    const before = this.o.inForce.current().digest;
    await appendAudit(
      tx,
      [
        {
          actor: `service:${name}`,
          action: 'policy.taken',
          subjectKind: 'policy-bundle',
          subjectId: bundleId,
          legalEntityId: UNASSIGNED,
          before: { digest: before },
          after: { digest, revision, environment, activatedBy },
          policyDigest: digest,
        },
      ],
      clock.now(),
    );
  }

  async #bringIntoForce(activation: PolicyActivatedV1, policy: CompiledPolicy): Promise<void> {
    const { inForce, startAnew } = this.o;
    const { logger } = this.runtime;
    this.#taken = activation;
    const name = activationName(activation);
    if (policy.changedParts(inForce.current()).includes('connections')) {
      this.#leaving = true;
      startAnew(`${name} changes connections`);
      return;
    }
    await inForce.swap(policy, originOf(activation));
    logger.info({ policy: policy.digest, revision: activation.revision }, `${name} is in force`);
  }

  /** The last good one stays. Said once, by one replica. Asked again: clocks are put right, keys are added. */
  async #refuse(why: string): Promise<'again'> {
    const { database, context, environment, clock, logger, name } = this.runtime;
    this.o.inForce.refuse(why);
    if (this.#told !== why) {
      refusals.add(1, { service: name });
      logger.error(`policy refused, the last good one stays: ${why}`);
      this.#told = why;
    }
    this.#mayHaveRefused = true;
    await database.transaction(async (tx) => {
      const now = clock.now();
      if (!(await putRefusal(tx, environment, why, now))) return;
      const body = {
        itemKey: this.#itemKey(),
        raisedBy: context,
        reason: POLICY_REFUSED,
        subjectKey: `policy:${environment}`,
        legalEntityId: UNASSIGNED,
        detail: `${name}: ${why}`.slice(0, 2_000),
        raisedAt: now,
      };
      await appendOutbox(tx, context, [{ type: EVENT_TYPES.conditionRaised, scope: [UNASSIGNED], body }], now);
    });
    return 'again';
  }

  async #settled(): Promise<Followed> {
    await this.#nothingRefused();
    return (await this.o.inForce.catchUp()) ? 'settled' : 'again';
  }

  async #nothingRefused(): Promise<void> {
    const { database, context, environment, clock } = this.runtime;
    this.o.inForce.nothingRefused();
    this.#told = '';
    if (!this.#mayHaveRefused) return;
    await database.transaction(async (tx) => {
      if (!(await clearRefusal(tx, environment))) return;
      const now = clock.now();
      const body = { itemKey: this.#itemKey(), raisedBy: context, clearedAt: now };
      await appendOutbox(tx, context, [{ type: EVENT_TYPES.conditionCleared, scope: [UNASSIGNED], body }], now);
    });
    this.#mayHaveRefused = false;
  }

  #itemKey(): string {
    return `policy-refused:${this.runtime.context}:${this.runtime.environment}`;
  }
}
