import { appendAudit, type Tx } from '@tieout/persistence';
import { v7 } from 'uuid';
import type { Governance } from '../../app-part.js';
import { filesOf, findBundle } from '../../adapters/postgres/bundle.store.js';
import {
  addAction,
  addOnboarding,
  findOnboarding,
  listOnboardings,
  lockOnboarding,
  putOnboardingBundle,
} from '../../adapters/postgres/onboarding.store.js';
import { checklist, nextAction, type Step } from '../../domain/onboarding/checklist.js';
import { draftBundle } from '../../domain/onboarding/draft-bundle.js';
import type { DoneAction, Onboarding, OnboardingAction, OnboardingRequest } from '../../domain/onboarding/onboarding.js';
import type { Person } from '../../domain/person.js';
import { allowed, refused, type ChangeRefusal, type Decision } from '../../domain/refusal.js';
import type { ActivePolicy } from '../active-policy.js';
import { noSuchBundle, type ProposeBundle } from '../propose-bundle.js';
import type { OnboardingFactsReader } from './onboarding-facts.js';
import type { SendOnboardingCommand } from './send-onboarding-command.js';

export interface ShownOnboarding extends Onboarding {
  readonly steps: readonly Step[];
  /** What the next advance does; null: nothing that a machine may do now. */
  readonly next: OnboardingAction | null;
}

type Drafted = Pick<Onboarding, 'bundleId' | 'baseDigest' | 'notes'>;

/** An acquired legal entity comes in as one change: a bundle, and a list of what has to be there, step by step, until go-live. */
export class Onboardings {
  constructor(
    private readonly governance: Governance,
    private readonly activePolicy: ActivePolicy,
    private readonly proposals: ProposeBundle,
    private readonly facts: OnboardingFactsReader,
    private readonly commands: SendOnboardingCommand,
  ) {}

  async start(person: Person, request: OnboardingRequest): Promise<Decision<ShownOnboarding>> {
    const drafted = await this.#draft(person, request);
    if (!drafted.ok) return drafted;
    const { clock, database } = this.governance.runtime;
    const onboarding: Onboarding = {
      onboardingId: v7(),
      request,
      ...drafted.value,
      startedBy: person.actor,
      startedAt: clock.now(),
    };
    const added = await database.transaction(async (tx) => {
      if (!(await addOnboarding(tx, onboarding))) return false;
      await this.#audit(tx, onboarding, 'started', person, undefined);
      return true;
    });
    const { code } = request.legalEntity;
    return added
      ? allowed(await this.#shown(onboarding))
      : refused(
          'onboarding-exists',
          `${code} is being onboarded already.`,
          'GET /onboardings lists it; attach another bundle to it.',
        );
  }

  list(limit: number): Promise<Onboarding[]> {
    return listOnboardings(this.governance.runtime.database, limit);
  }

  async find(onboardingId: string): Promise<Decision<ShownOnboarding>> {
    const found = await findOnboarding(this.governance.runtime.database, onboardingId);
    return found ? allowed(await this.#shown(found)) : noSuchOnboarding(onboardingId);
  }

  /** A draft that somebody corrected by hand takes the place of the one that was made here. */
  async attach(person: Person, onboardingId: string, bundleId: string): Promise<Decision<ShownOnboarding>> {
    const { database } = this.governance.runtime;
    return database.transaction(async (tx) => {
      const onboarding = await lockOnboarding(tx, onboardingId);
      if (!onboarding) return noSuchOnboarding(onboardingId);
      if (!(await findBundle(tx, bundleId))) return noSuchBundle(bundleId);
      const { activation } = await this.activePolicy.standing(tx);
      const changed = { ...onboarding, bundleId, baseDigest: activation.digest, notes: [] };
      await putOnboardingBundle(tx, changed);
      await this.#audit(tx, changed, 'bundle-attached', person, { bundleId });
      return allowed(await this.#shown(changed));
    });
  }

  /** Does the next thing that a machine may do, as the person who asks. */
  async advance(person: Person, onboardingId: string): Promise<Decision<ShownOnboarding>> {
    const { database } = this.governance.runtime;
    const onboarding = await findOnboarding(database, onboardingId);
    if (!onboarding) return noSuchOnboarding(onboardingId);
    const facts = await this.facts.read(onboarding);
    const action = nextAction(facts);
    if (!action) {
      const step = checklist(facts).find(({ state }) => state === 'person' || state === 'waits');
      return refused(
        'nothing-to-advance',
        step ? `Step ${step.no}, ${step.name}: ${step.findings.join('; ') || 'not yet'}.` : 'The onboarding is over.',
        step?.whatToDo ?? 'Nothing is left to do.',
      );
    }
    const done = await this.#do(person, onboarding, action);
    if (!done.ok) return done;
    const after = await database.transaction(async (tx) => {
      const now = (await lockOnboarding(tx, onboardingId))!;
      await addAction(tx, onboardingId, done.value.action);
      const changed = { ...now, ...done.value.changed };
      if (done.value.changed) await putOnboardingBundle(tx, changed);
      await this.#audit(tx, changed, action.kind, person, done.value.action);
      return changed;
    });
    return allowed(await this.#shown(after));
  }

  async #do(
    person: Person,
    onboarding: Onboarding,
    action: OnboardingAction,
  ): Promise<Decision<{ readonly action: DoneAction; readonly changed?: Drafted }>> {
    const by = { kind: action.kind, by: person.actor, at: this.governance.runtime.clock.now() };
    const { code } = onboarding.request.legalEntity;
    if (action.kind === 'redraft') {
      const drafted = await this.#draft(person, onboarding.request);
      return drafted.ok ? allowed({ action: by, changed: drafted.value }) : drafted;
    }
    if (action.kind === 'propose') {
      const proposed = await this.proposals.propose(person, onboarding.bundleId, { why: `onboarding of ${code}` });
      return proposed.ok ? allowed({ action: by }) : proposed;
    }
    const sent = await this.commands.send(person, onboarding, action);
    return sent.ok ? allowed({ action: { ...by, feed: action.feed, destination: action.destination, ...sent.value } }) : sent;
  }

  async #draft(person: Person, request: OnboardingRequest): Promise<Decision<Drafted>> {
    const { database, clock } = this.governance.runtime;
    const { activation } = await this.activePolicy.standing(database);
    const { files, notes } = draftBundle(await filesOf(database, activation.bundleId), request, clock.now().slice(0, 10));
    const drafted = await this.proposals.draft(person, files);
    if (!drafted.ok) return drafted;
    const { bundle, problems } = drafted.value;
    const wrong = problems.map(({ file, line, column, message, fix }) => `${file}:${line}:${column} ${message} -> ${fix}`);
    return allowed({ bundleId: bundle.bundleId, baseDigest: activation.digest, notes: [...notes, ...wrong] });
  }

  async #shown(onboarding: Onboarding): Promise<ShownOnboarding> {
    const facts = await this.facts.read(onboarding);
    return { ...onboarding, steps: checklist(facts), next: nextAction(facts) ?? null };
  }

  async #audit(tx: Tx, onboarding: Onboarding, action: string, person: Person, after: unknown): Promise<void> {
    const { activation } = await this.activePolicy.standing(tx);
    await appendAudit(
      tx,
      [
        {
          actor: person.actor,
          action: `onboarding.${action}`,
          subjectKind: 'onboarding',
          subjectId: onboarding.onboardingId,
          legalEntityId: onboarding.request.legalEntity.code,
          after: after ?? { bundleId: onboarding.bundleId, goLive: onboarding.request.goLive },
          policyDigest: activation.digest,
        },
      ],
      this.governance.runtime.clock.now(),
    );
  }
}

const noSuchOnboarding = (onboardingId: string): { readonly ok: false; readonly refusal: ChangeRefusal } =>
  refused('no-such-onboarding', `No onboarding has the id ${onboardingId}.`, 'Look for it with GET /onboardings.');
