import {
  connectionStatesSubject,
  QUESTIONS,
  type ConnectionStatesAnswerV1,
  type ConnectionStateV1,
  type Context,
  type LegalEntityReadinessAnswerV1,
} from '@tieout/contracts';
import { FEEDS, isFault } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import type { Governance } from '../../app-part.js';
import { filesOf, findBundle } from '../../adapters/postgres/bundle.store.js';
import { actionsOf } from '../../adapters/postgres/onboarding.store.js';
import { findRequest } from '../../adapters/postgres/operator-request.store.js';
import type { DestinationFacts, OnboardingFacts } from '../../domain/onboarding/checklist.js';
import type { Onboarding } from '../../domain/onboarding/onboarding.js';
import { compileFiles, type ActivePolicy, type Standing } from '../active-policy.js';
import type { LookAtPolicy } from '../look-at-policy.js';

/** Whom a connection with the role is asked of. */
const USERS: Readonly<Record<string, Context>> = {
  time: 'time',
  'master-data': 'master',
  posting: 'posting',
  payroll: 'payroll',
  analytics: 'analytics',
};
const ANSWER_MS = 5_000;

/** Asks everybody who knows something of it; nothing is remembered. */
export class OnboardingFactsReader {
  constructor(
    private readonly governance: Governance,
    private readonly activePolicy: ActivePolicy,
    private readonly look: LookAtPolicy,
  ) {}

  async read(onboarding: Onboarding): Promise<OnboardingFacts> {
    const { database, clock } = this.governance.runtime;
    const { request, onboardingId } = onboarding;
    const { code, timeZone } = request.legalEntity;
    const standing = await this.activePolicy.standing(database);
    const bundle = await this.#bundle(onboarding, standing);
    const policy = bundle.inForce ? standing.policy : await this.#candidate(onboarding.bundleId);
    const asked = bundle.inForce ? await this.#connections(onboarding, standing.policy) : { connections: [], silent: [] };
    const readiness = bundle.inForce ? await this.#readiness(onboarding, standing.policy) : undefined;
    const actions = await actionsOf(database, onboardingId);
    const waiting = actions.flatMap(({ requestId }) => requestId ?? []);
    const requests = await Promise.all(
      waiting.map(async (id) => [id, (await findRequest(database, id))?.state ?? 'gone'] as const),
    );
    return {
      request,
      today: new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(clock.epochMs()),
      bundle,
      ...asked,
      readiness,
      payrollRouted: (policy?.feedRoutes('payroll', code).length ?? 0) > 0,
      accounts: policy ? accountsOf(policy, code) : [],
      destinations: bundle.inForce ? destinationsOf(onboarding, standing.policy, asked.connections) : [],
      actions,
      requests: Object.fromEntries(requests),
    };
  }

  async #bundle(
    { bundleId, baseDigest, request }: Onboarding,
    { policy, activation }: Standing,
  ): Promise<OnboardingFacts['bundle']> {
    const bundle = (await findBundle(this.governance.runtime.database, bundleId))!;
    const { missing, overtaken } = await this.look.shown(bundle);
    const ids = new Set(policy.connections.map(({ id }) => id));
    const standsThere = Object.keys(request.connections).every((id) => ids.has(id));
    return {
      state: bundle.state,
      digest: bundle.digest,
      // Its successors keep what it brought, unless somebody took it out again.
      inForce: activation.bundleId === bundleId || (bundle.state === 'retired' && standsThere),
      // A draft that is older than what is in force would take back what came in between.
      outdated: bundle.state === 'draft' ? baseDigest !== activation.digest : overtaken,
      missingApprovals: missing.map(({ role }) => role),
    };
  }

  async #candidate(bundleId: string): Promise<CompiledPolicy | undefined> {
    const compiled = compileFiles(await filesOf(this.governance.runtime.database, bundleId));
    return compiled.ok ? compiled.policy : undefined;
  }

  async #connections({ request }: Onboarding, policy: CompiledPolicy): Promise<Pick<OnboardingFacts, 'connections' | 'silent'>> {
    const ids = [...new Set([...Object.keys(request.connections), ...policy.routes(request.legalEntity.code)])];
    const byService = Map.groupBy(
      policy.connections
        .filter(({ id }) => ids.includes(id))
        .flatMap(({ id, roles }) => roles.flatMap((role) => (USERS[role] ? [{ id, context: USERS[role] }] : []))),
      ({ context }) => context,
    );
    const silent: string[] = [];
    const states: ConnectionStateV1[] = [];
    for (const [context, uses] of byService) {
      const answer = await this.#ask<ConnectionStatesAnswerV1>(connectionStatesSubject(context), {
        connections: uses.map(({ id }) => id),
      });
      if (answer) states.push(...answer.connections);
      else silent.push(context);
    }
    const connections = ids
      .filter((id) => [...byService.values()].some((uses) => uses.some((use) => use.id === id)))
      .map((connection) => ({ connection, states: states.filter((state) => state.connection === connection) }));
    return { connections, silent };
  }

  #readiness({ request }: Onboarding, policy: CompiledPolicy): Promise<LegalEntityReadinessAnswerV1 | undefined> {
    const { code } = request.legalEntity;
    const references = (['worker', 'project'] as const).flatMap((kind) => {
      const owner = policy.systemOfRecord(kind, 'code', code);
      const places = new Set([
        ...Object.keys(request.connections),
        ...(kind === 'project' ? policy.projectSystems(code) : []),
        ...(owner ? [owner] : []),
      ]);
      return policy.connections
        .filter(({ id, kinds }) => places.has(id) && (id === owner || (kinds?.includes(kind) ?? false)))
        .map(({ id }) => `${kind}/${id}`);
    });
    return this.#ask(QUESTIONS.legalEntityReadiness, { legalEntityId: code, on: request.goLive, references });
  }

  /** undefined: nobody answers. */
  async #ask<A>(subject: string, question: object): Promise<A | undefined> {
    try {
      return await this.governance.runtime.questions.ask<A>(subject, question, ANSWER_MS);
    } catch (error) {
      if (isFault(error, 'Unavailable')) return undefined;
      throw error;
    }
  }
}

/** A dry run of account determination: every kind of hour that may come. */
const accountsOf = (policy: CompiledPolicy, legalEntityId: string): OnboardingFacts['accounts'] => {
  if (policy.feedRoutes('posting', legalEntityId).length === 0)
    return [{ what: `the time of ${legalEntityId}: it is booked nowhere (routing.yaml)`, account: undefined }];
  return (['employee', 'contractor'] as const).flatMap((workerType) =>
    [true, false].flatMap((billable) =>
      policy.legs({ workerType, workerLegalEntityId: legalEntityId }).map((leg) => {
        const answer = policy.account({ legalEntityId, leg, workerType, billable });
        const what = `${leg} of ${workerType}s, ${billable ? 'billable' : 'not billable'}`;
        return { what, account: answer && `${answer.account} / ${answer.balancingAccount}` };
      }),
    ),
  );
};

const destinationsOf = (
  { request }: Onboarding,
  policy: CompiledPolicy,
  connections: OnboardingFacts['connections'],
): DestinationFacts[] =>
  FEEDS.filter((feed) => feed !== 'analytics').flatMap((feed) =>
    policy.feedRoutes(feed, request.legalEntity.code).map((destination) => {
      const { states = [] } = connections.find(({ connection }) => connection === destination) ?? {};
      const locked = states.find((state) => state.locked !== undefined)?.locked;
      return {
        feed,
        destination,
        own: Object.hasOwn(request.connections, destination),
        adoptable: policy.adoption(destination) !== undefined,
        ...(locked !== undefined && { locked }),
      };
    }),
  );
