import { durationMs, FEEDS, perFeed, type Feed, type Leg } from '@tieout/model';
import type { Bundle } from '../bundle/schemas.js';
import {
  LANES,
  type AccrualRules,
  type CompiledPolicy,
  type FeedBudget,
  type Lane,
  type PayrollRules,
} from '../compiled-policy.js';
import { own } from './own.js';

const allows = <T>(listed: readonly T[] | undefined, value: T): boolean => listed === undefined || listed.includes(value);

type Declaration = Bundle['connections.yaml']['connections'][string];

/** The feeds that send through the connection. */
export const feedsOf = (declaration: Pick<Declaration, 'roles'>): Feed[] =>
  FEEDS.filter((feed) => declaration.roles.includes(feed));

export const shareOf = (declaration: Pick<Declaration, 'budget' | 'roles'>, feed: Feed): FeedBudget | undefined => {
  const { budget } = declaration;
  if (budget === undefined || !declaration.roles.includes(feed)) return undefined;
  const share = budget.shares?.[feed] ?? 1;
  return {
    // 0.7 x 10 is 7.000000000000001 to a computer, and 0.29 x 100 is 28.999999999999996: settle the last digits first.
    slots: Math.max(1, Math.floor(Number((budget.slots * share).toFixed(6)))),
    ...(budget.perSecond !== undefined && { perSecond: Number((budget.perSecond * share).toFixed(6)) }),
  };
};

export const compileBudgets =
  ({ connections }: Bundle['connections.yaml']): CompiledPolicy['budget'] =>
  (connection, feed) => {
    const declaration = own(connections, connection);
    return declaration && shareOf(declaration, feed);
  };

export const compileAdoption =
  ({ connections }: Bundle['connections.yaml']): CompiledPolicy['adoption'] =>
  (connection) =>
    own(connections, connection)?.adoption;

type Routing = Bundle['routing.yaml'];
export const compileFeedRoutes = (file: Routing): CompiledPolicy['feedRoutes'] => {
  const sections = { posting: file.routes, payroll: file.payroll, analytics: file.analytics };
  return (feed, legalEntityId) => own(sections[feed].legalEntities, legalEntityId) ?? sections[feed].default;
};

export const compileProjectSystems =
  ({ projects }: Routing): CompiledPolicy['projectSystems'] =>
  (legalEntityId) =>
    own(projects.legalEntities, legalEntityId) ?? projects.default;

export const compileRoutes = (file: Routing): CompiledPolicy['routes'] => {
  const feedRoutes = compileFeedRoutes(file);
  const all = (legalEntityId: string): readonly string[] => [
    ...new Set(FEEDS.flatMap((feed) => feedRoutes(feed, legalEntityId))),
  ];
  const sections = [file.routes, file.payroll, file.analytics];
  const known = new Map(sections.flatMap(({ legalEntities }) => Object.keys(legalEntities)).map((code) => [code, all(code)]));
  const others = all('');
  return (legalEntityId) => known.get(legalEntityId) ?? others;
};

/** Where a bundle is silent. A lane's deadline is told by its feed; analytics has none. */
const DEFAULT_LANES: Readonly<Record<Feed, Lane>> = perFeed((feed) => (feed === 'analytics' ? 'analytics' : 'normal'));
const DEFAULT_PATIENCE: Readonly<Record<Lane, string>> = {
  'pay-cut-off': 'PT0S',
  close: 'PT1M',
  billing: 'PT5M',
  normal: 'PT15M',
  analytics: 'PT1H',
};

/** Asked for every line that waits. */
const perLane = (seconds: (lane: Lane) => number): ((lane: Lane) => number) => {
  const known = Object.fromEntries(LANES.map((lane) => [lane, seconds(lane)])) as Record<Lane, number>;
  return (lane) => known[lane];
};

export const compileLanes = ({
  lanes,
  ageing,
}: Bundle['priorities.yaml']): Pick<CompiledPolicy, 'lane' | 'patienceSeconds' | 'leadSeconds'> => ({
  lane: (q) =>
    lanes.find(
      ({ when }) =>
        allows(when.feeds, q.feed) &&
        (when.billable === undefined || when.billable === q.billable) &&
        (when.hoursToDeadlineAtMost === undefined ||
          (q.hoursToDeadline !== undefined && q.hoursToDeadline <= when.hoursToDeadlineAtMost)),
    )?.lane ?? DEFAULT_LANES[q.feed],
  patienceSeconds: perLane((lane) => durationMs(own(ageing, lane)?.patience ?? DEFAULT_PATIENCE[lane]) / 1000),
  leadSeconds: perLane((lane) => durationMs(own(ageing, lane)?.lead ?? 'PT0S') / 1000),
});

export const compileSummaries =
  ({ summarise }: Bundle['accounts.yaml']): CompiledPolicy['summarise'] =>
  (destination, leg, legalEntityId) =>
    summarise.find(
      ({ when }) =>
        !when || (allows(when.destinations, destination) && allows(when.legs, leg) && allows(when.legalEntities, legalEntityId)),
    )?.keep ?? 'lines';

export const compileLegs = (
  { legs }: Bundle['accounts.yaml'],
  { intercompany }: Bundle['validation.yaml'],
): CompiledPolicy['legs'] => {
  const pair = (own: readonly Leg[]): readonly Leg[] => [...own, 'intercompany-due-from', 'intercompany-due-to'];
  const between = { employee: pair(legs.employee), contractor: pair(legs.contractor) };
  const isBooked = intercompany === 'due-to-due-from';
  return ({ workerType, workerLegalEntityId, projectLegalEntityId }) =>
    isBooked && projectLegalEntityId !== undefined && projectLegalEntityId !== workerLegalEntityId
      ? between[workerType]
      : legs[workerType];
};

export const compileAccruals = ({ accruals }: Bundle['accounts.yaml']): AccrualRules => {
  const { expectedHoursPerDay, missingProjects, ...same } = accruals;
  return {
    ...same,
    missingProject: (legalEntityId) => own(missingProjects, legalEntityId),
    expectedHoursPerDay: (region) => own(expectedHoursPerDay.regions, region) ?? expectedHoursPerDay.default,
  };
};

export const compilePayroll = ({
  'routing.yaml': { excludedPayCodes },
  'validation.yaml': { payRunAlerts },
  'calendars.yaml': { correctionsAfterPayCutOff },
}: Bundle): PayrollRules => ({
  excludedPayCodes: (legalEntityId) => own(excludedPayCodes.legalEntities, legalEntityId) ?? excludedPayCodes.default,
  correctionsAfterCutOff: (legalEntityId) =>
    own(correctionsAfterPayCutOff.legalEntities, legalEntityId) ?? correctionsAfterPayCutOff.default,
  alerts: payRunAlerts,
});
