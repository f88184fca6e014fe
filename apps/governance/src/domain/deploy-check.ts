import type { Instant } from '@tieout/model';
import type { CalendarSpan, ChangeAnswer, ChangeQuestion, CompiledPolicy } from '@tieout/policy';
import type { Activation } from './bundle/activate.js';

export interface DeployCheck {
  readonly allowed: boolean;
  readonly why?: string | undefined;
  /** Allowed until then; absent: no end within a year. */
  readonly until?: Instant | undefined;
  /** Not allowed before; absent: not within a year. */
  readonly opensAt?: Instant | undefined;
  readonly blockedBy?: Extract<ChangeAnswer, { allowed: false }>['blockedBy'] | undefined;
  readonly service: string;
  readonly environment: string;
  readonly at: Instant;
  /** Whose rules these are. */
  readonly policy: { readonly environment: string; readonly revision: number; readonly digest: string };
  /** What does not decide, but whoever deploys should know. */
  readonly notes: readonly string[];
}

export interface Ground {
  /** Whose governance this is. */
  readonly environment: string;
  readonly policy: Pick<CompiledPolicy, 'digest' | 'changeAllowed'>;
  readonly revision: number;
  readonly activations: readonly Pick<Activation, 'revision' | 'reviewDueAt' | 'review'>[];
  readonly now: Instant;
}

/** Whether a change may happen then, by the policy that is active here now. */
export const checkDeployment = (question: ChangeQuestion & { readonly service: string }, ground: Ground): DeployCheck => {
  const { policy, environment, revision } = ground;
  const { service, at } = question;
  return {
    ...policy.changeAllowed(question),
    service,
    environment: question.environment,
    at,
    policy: { environment, revision, digest: policy.digest },
    notes: [...elsewhere(question.environment, environment), ...reviewsOverdue(ground)],
  };
};

/** Each environment has a governance and an active policy of its own. */
const elsewhere = (asked: string, ours: string): string[] =>
  asked === ours
    ? []
    : [
        `this is by the policy that is active in "${ours}"; what is active in "${asked}" may say otherwise: ask the governance there`,
      ];

const reviewsOverdue = ({ activations, now }: Ground): string[] =>
  activations.flatMap(({ revision, reviewDueAt, review }) =>
    reviewDueAt !== null && review === null && reviewDueAt <= now
      ? [
          `revision ${revision} of the policy was an emergency change whose review was due at ${reviewDueAt}; nobody has reviewed it`,
        ]
      : [],
  );

/** What concerns a legal entity or region: what is told for it, and what is told for all. */
export const spansFor = (
  spans: readonly CalendarSpan[],
  where: { readonly legalEntityId?: string | undefined; readonly region?: string | undefined },
): CalendarSpan[] =>
  spans.filter(({ legalEntities, regions }) => concerns(legalEntities, where.legalEntityId) && concerns(regions, where.region));

const concerns = (named: readonly string[] | undefined, asked: string | undefined): boolean =>
  asked === undefined || named === undefined || named.length === 0 || named.includes(asked);
