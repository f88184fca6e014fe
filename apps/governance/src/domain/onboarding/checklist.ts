import type { ConnectionStateV1, LegalEntityReadinessAnswerV1 } from '@tieout/contracts';
import type { Feed } from '@tieout/model';
import type { Role } from '@tieout/policy';
import type { BundleState } from '../bundle/bundle.js';
import { adoptionWindow, type DoneAction, type OnboardingAction, type OnboardingRequest } from './onboarding.js';

/** `machine`: the next `advance` does it. `person`: somebody has to do what it says. `waits`: for an earlier step, or for a day. */
export type StepState = 'done' | 'not-needed' | 'machine' | 'person' | 'waits';
export interface Step {
  readonly no: number;
  readonly name: string;
  readonly state: StepState;
  /** What was found. */
  readonly findings: readonly string[];
  readonly whatToDo?: string;
}

export interface DestinationFacts {
  readonly feed: Feed;
  readonly destination: string;
  /** Nobody else's time goes there: it may be locked. */
  readonly own: boolean;
  readonly adoptable: boolean;
  readonly locked?: string | undefined;
}

/** Everything that the steps are computed from; nothing of it is kept. */
export interface OnboardingFacts {
  readonly request: OnboardingRequest;
  /** In the legal entity's own time zone. */
  readonly today: string;
  readonly bundle: {
    readonly state: BundleState;
    readonly digest: string | null;
    /** The policy in force has the legal entity's connections. */
    readonly inForce: boolean;
    /** Another bundle became active since it was drafted. */
    readonly outdated: boolean;
    readonly missingApprovals: readonly Role[];
  };
  /** By every service that uses the connection; a service that did not answer is named. */
  readonly connections: readonly { readonly connection: string; readonly states: readonly ConnectionStateV1[] }[];
  readonly silent: readonly string[];
  readonly readiness: LegalEntityReadinessAnswerV1 | undefined;
  readonly payrollRouted: boolean;
  readonly accounts: readonly { readonly what: string; readonly account: string | undefined }[];
  readonly destinations: readonly DestinationFacts[];
  readonly actions: readonly DoneAction[];
  /** State of each request for a second person that an action waits for. */
  readonly requests: Readonly<Record<string, string>>;
}

type Found = Pick<Step, 'state' | 'findings' | 'whatToDo'>;
const done = (...findings: string[]): Found => ({ state: 'done', findings });
const person = (whatToDo: string, ...findings: string[]): Found => ({ state: 'person', findings, whatToDo });
const waits = (whatToDo: string, ...findings: string[]): Found => ({ state: 'waits', findings, whatToDo });
const machine = (whatToDo: string, ...findings: string[]): Found => ({ state: 'machine', findings, whatToDo });

const bundleStep = ({ bundle }: OnboardingFacts): Found => {
  if (bundle.inForce) return done('the bundle is in force');
  const { state, digest, missingApprovals, outdated } = bundle;
  if (outdated || ['withdrawn', 'rejected', 'expired', 'retired'].includes(state))
    return machine(
      'Advance drafts it again from what is in force now.',
      `the bundle is ${outdated ? 'behind the active policy' : state}`,
    );
  if (state === 'draft')
    return digest === null
      ? person(
          'Mend what the notes name: post the corrected files as a draft of your own, and give it to POST /onboardings/:id/bundle.',
          'the draft does not compile',
        )
      : machine('Advance proposes it; look at its diff and plan first.', 'the bundle is a draft');
  if (state === 'proposed')
    return person('Have it approved by the roles named.', `approvals missing: ${missingApprovals.join(', ') || 'none'}`);
  return person('Have it activated: POST /policy/bundles/:bundleId/activate.', `the bundle is ${state}`);
};

const connectionStep = ({ bundle, connections, silent }: OnboardingFacts): Found => {
  if (!bundle.inForce) return waits('Services open the connections once the bundle is in force.');
  const findings = silent.map((service) => `${service} does not answer`);
  for (const { connection, states } of connections) {
    if (states.length === 0) findings.push(`${connection}: no service uses it yet`);
    for (const { state, why } of states) if (state === 'faulted') findings.push(`${connection}: ${why ?? 'does not work'}`);
  }
  const read = connections.filter(({ states }) => states.some(({ state }) => state === 'works'));
  if (findings.length > 0) return person('Check address and key of each, and that the services were started anew.', ...findings);
  const untried = connections.filter((one) => !read.includes(one)).map(({ connection }) => connection);
  return done(
    ...read.map(({ connection }) => `${connection} works`),
    ...untried.map((connection) => `${connection} is open; nothing was sent there yet`),
  );
};

const referenceStep = ({ bundle, readiness, request: { legalEntity } }: OnboardingFacts): Found => {
  if (!bundle.inForce) return waits('Master data is read once the bundle is in force.');
  if (!readiness) return waits('master-data-sync does not answer; ask again.');
  const findings: string[] = [];
  const known = readiness.legalEntity;
  if (!known) findings.push(`legal entity ${legalEntity.code} is not known in its system of record`);
  for (const [name, wanted] of Object.entries({
    currency: legalEntity.currency,
    timeZone: legalEntity.timeZone,
    region: legalEntity.region,
  }))
    if (known && known[name] !== wanted)
      findings.push(`${name} of ${legalEntity.code} is ${known[name] ?? 'not known'}, expected ${wanted}`);
  if (readiness.workers === 0) findings.push('no worker is known');
  if (readiness.projects === 0) findings.push('no project is known');
  for (const { reference, missing, examples } of readiness.references)
    if (missing > 0) findings.push(`${missing} without an id in ${reference.replace('/', ' of ')}: ${examples.join(', ')}`);
  return findings.length > 0
    ? person('Enter what is missing in the system named; it is read by itself.', ...findings)
    : done(`${readiness.workers} workers and ${readiness.projects} projects have an id wherever they need one`);
};

const calendarStep = ({ bundle, readiness, payrollRouted, request: { goLive } }: OnboardingFacts): Found => {
  if (!bundle.inForce) return waits('Periods are read once the bundle is in force.');
  if (!readiness) return waits('master-data-sync does not answer; ask again.');
  const findings: string[] = [];
  const open = readiness.accountingPeriods.filter(({ state }) => state !== 'closed');
  if (open.length === 0) findings.push(`no open accounting period holds ${goLive}`);
  if (payrollRouted && readiness.payGroups.length === 0) findings.push('no pay group is known');
  for (const { code, payPeriod } of payrollRouted ? readiness.payGroups : [])
    if (payPeriod === undefined) findings.push(`pay group ${code} has no pay period that holds ${goLive}`);
  return findings.length > 0
    ? person('Open the periods in the ERP and the pay calendar in HR.', ...findings)
    : done(
        ...open.map(({ code }) => `accounting period ${code}`),
        ...readiness.payGroups.flatMap(({ payPeriod }) => payPeriod ?? []),
      );
};

const accountStep = ({ accounts }: OnboardingFacts): Found => {
  const missing = accounts.filter(({ account }) => account === undefined);
  return missing.length > 0
    ? person(
        'Add the rules to accounts.yaml, in a bundle of their own or in this draft.',
        ...missing.map(({ what }) => `no account for ${what}`),
      )
    : done(...accounts.map(({ what, account }) => `${what}: ${account}`));
};

/** The last action of its kind at a destination. */
export const lastAction = (
  { actions }: Pick<OnboardingFacts, 'actions'>,
  kind: DoneAction['kind'],
  destination?: string,
): DoneAction | undefined => actions.findLast((action) => action.kind === kind && action.destination === destination);

/** How an action ended that may have waited for a second person. */
const endOf = ({ requests }: OnboardingFacts, action: DoneAction | undefined): 'none' | 'done' | 'waiting' | 'refused' => {
  if (!action) return 'none';
  if (action.requestId === undefined) return 'done';
  const state = requests[action.requestId];
  return state === 'done' ? 'done' : state === 'open' || state === 'approved' ? 'waiting' : 'refused';
};

const counts = (action: DoneAction): string => {
  const {
    matched = 0,
    ambiguous = [],
    unmatched = [],
  } = (action.answer ?? {}) as {
    matched?: number;
    ambiguous?: readonly unknown[];
    unmatched?: readonly unknown[];
  };
  return `${action.destination}: ${matched} lines match, ${ambiguous.length} could be several, ${unmatched.length} match nothing of ours`;
};

/** What is next at one destination before it can be opened. */
const atDestination = (
  facts: OnboardingFacts,
  { feed, destination, own, adoptable, locked }: DestinationFacts,
): OnboardingAction | 'waiting' | 'done' => {
  const opened = lastAction(facts, 'open', destination) !== undefined;
  if (own && locked === undefined && !opened) return { kind: 'lock', feed, destination };
  if (!adoptable) return 'done';
  const [rehearsal, adopted] = [
    lastAction(facts, 'rehearse', destination),
    endOf(facts, lastAction(facts, 'adopt', destination)),
  ];
  if (!rehearsal) return { kind: 'rehearse', feed, destination };
  if (adopted === 'done') return 'done';
  return adopted === 'waiting' ? 'waiting' : { kind: 'adopt', feed, destination };
};

const adoptionStep = (facts: OnboardingFacts): Found => {
  const { from, to } = adoptionWindow(facts.request);
  if (!facts.bundle.inForce)
    return waits('Destinations are known once the bundle is in force; until go-live a freeze keeps everything back.');
  const findings = facts.destinations.flatMap(({ destination, own, adoptable, locked }) => {
    const rehearsal = lastAction(facts, 'rehearse', destination);
    return [
      own
        ? `${destination} is ${locked === undefined ? 'open' : 'locked'}`
        : `${destination} is used by others: not locked, the freeze of the bundle holds until go-live`,
      ...(adoptable ? [] : [`${destination} has no adoption rules: lines of a predecessor would be booked again`]),
      ...(rehearsal ? [`${counts(rehearsal)} (${from} to ${to})`] : []),
    ];
  });
  const next = facts.destinations.map((one) => atDestination(facts, one)).find((one) => one !== 'done');
  if (next === undefined) return done(...findings);
  if (next === 'waiting')
    return person('Have the request for adoption approved by a second person: POST /requests/:id/approve.', ...findings);
  const texts = {
    lock: 'Advance locks it.',
    rehearse: `Advance looks which lines of a predecessor (${from} to ${to}) match, and takes over none.`,
    adopt: 'Look at the matches; advance takes them over, after a second person where policy wants one.',
  };
  return machine(texts[next.kind as keyof typeof texts], ...findings);
};

const openStep = (facts: OnboardingFacts, before: readonly Found[]): Found => {
  const { request, today, destinations } = facts;
  const shut = destinations.filter(({ own, locked }) => own && locked !== undefined);
  const findings = shut.map(({ destination, locked }) => `${destination}: ${locked}`);
  const unready = before.findIndex(({ state }) => state !== 'done' && state !== 'not-needed');
  if (unready !== -1) return waits(`Step ${unready + 1} comes first.`, ...findings);
  if (today < request.goLive)
    return waits(`Go-live is ${request.goLive}; it is ${today} in ${request.legalEntity.timeZone}.`, ...findings);
  if (shut.length > 0) return machine('Advance opens them; what waits goes out.', ...findings);
  return done(`${request.legalEntity.code} is live since ${request.goLive}`);
};

const NAMES = [
  'bundle in force',
  'connections answer',
  'cross-references are complete',
  'calendars are there',
  'every hour finds an account',
  'destinations locked, predecessor’s lines adopted',
  'opened',
] as const;

export const checklist = (facts: OnboardingFacts): Step[] => {
  const before = [bundleStep, connectionStep, referenceStep, calendarStep, accountStep, adoptionStep].map((step) => step(facts));
  return [...before, openStep(facts, before)].map((found, n) => ({ no: n + 1, name: NAMES[n]!, ...found }));
};

/** What the next `advance` does; undefined: nothing that a machine may do. */
export const nextAction = (facts: OnboardingFacts): OnboardingAction | undefined => {
  const steps = checklist(facts);
  const step = steps.find(({ state }) => state === 'machine');
  if (!step) return undefined;
  if (step.no === 1) return facts.bundle.state === 'draft' && !facts.bundle.outdated ? { kind: 'propose' } : { kind: 'redraft' };
  if (step.no === 7) {
    const { feed, destination } = facts.destinations.find(({ own, locked }) => own && locked !== undefined)!;
    return { kind: 'open', feed, destination };
  }
  const next = facts.destinations.map((one) => atDestination(facts, one)).find((one) => typeof one === 'object') as
    OnboardingAction | undefined;
  // Lines are taken over only into books that everything else is ready for.
  const ready = steps.slice(0, 5).every(({ state }) => state === 'done');
  return next?.kind === 'adopt' && !ready ? undefined : next;
};
