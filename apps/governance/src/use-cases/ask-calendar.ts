import type { Instant } from '@tieout/model';
import type { CalendarSpan, ChangeQuestion } from '@tieout/policy';
import { listActivations } from '../adapters/postgres/activation.store.js';
import type { Governance } from '../app-part.js';
import { checkDeployment, spansFor, type DeployCheck } from '../domain/deploy-check.js';
import { ActivePolicy } from './active-policy.js';

/** So many of the latest activations are looked at for a review that is overdue. */
const LOOKED_AT = 100;

type Asked = Omit<ChangeQuestion, 'at' | 'environment' | 'service'> & {
  readonly service: string;
  readonly at?: string | undefined;
  readonly environment?: string | undefined;
};

/** Answers from the policy that is in force here. */
export class AskCalendar {
  readonly #activePolicy = new ActivePolicy();

  constructor(private readonly governance: Governance) {}

  /** @throws Fault Unavailable while no policy is active yet */
  async mayDeploy({ at, environment, ...rest }: Asked): Promise<DeployCheck> {
    const { runtime } = this.governance;
    const { activation, policy } = await this.#activePolicy.standing(runtime.database);
    const now = runtime.clock.now();
    return checkDeployment(
      { ...rest, at: at === undefined ? now : utc(at), environment: environment ?? runtime.environment },
      {
        environment: runtime.environment,
        policy,
        revision: activation.revision,
        activations: await listActivations(runtime.database, LOOKED_AT),
        now,
      },
    );
  }

  /** @throws Fault Unavailable while no policy is active yet */
  async show(from: string, to: string, where: Parameters<typeof spansFor>[1]): Promise<CalendarSpan[]> {
    const { policy } = await this.#activePolicy.standing(this.governance.runtime.database);
    return spansFor(policy.changeCalendar(utc(from), utc(to)), where);
  }
}

const utc = (at: string): Instant => new Date(at).toISOString();
