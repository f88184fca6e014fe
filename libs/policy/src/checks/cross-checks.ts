import { MASTER_KINDS, REASON_CODES, type Feed, type ReasonCode } from '@tieout/model';
import type { BundleFileName, Bundle } from '../bundle/schemas.js';
import { WAIVABLE } from '../bundle/time-rules.js';
import { ownerOf } from '../compile/rules.js';
import { checkCalendars } from './calendar-checks.js';
import { meets } from './connection-checks.js';
import { checkFeeds } from './feed-checks.js';
import type { BundleFile, Path } from '../reading/bundle-file.js';
import { nearest } from '../reading/nearest.js';

type Files = Readonly<Record<BundleFileName, BundleFile>>;
type Connections = Bundle['connections.yaml']['connections'];

/** Names in one file that point into another must meet something there. */
export const crossCheck = (bundle: Bundle, files: Files): void => {
  const { connections } = bundle['connections.yaml'];
  checkMappings(bundle, files, connections);
  checkSystemsOfRecord(bundle, files, connections);
  checkRoutes(bundle, files, connections);
  checkShadows(bundle, files['routing.yaml'], connections);
  checkOwners(bundle, files);
  checkAccountRules(bundle, files);
  checkFeeds(bundle, files);
  checkCalendars(bundle, files['calendars.yaml']);
  checkWaivable(bundle, files['validation.yaml']);
};

const checkMappings = (bundle: Bundle, files: Files, connections: Connections): void => {
  const { mappings } = bundle['mappings.yaml'];
  for (const id of Object.keys(mappings))
    meets(connections, id, 'time', (message, fix) => files['mappings.yaml'].reportKey(['mappings', id], message, fix));
  for (const [id, connection] of Object.entries(connections))
    if (connection.roles.includes('time') && !Object.hasOwn(mappings, id))
      files['connections.yaml'].reportKey(
        ['connections', id],
        `connection "${id}" has the role time but no mapping`,
        `add "${id}:" to mappings.yaml`,
      );
};

const checkSystemsOfRecord = (bundle: Bundle, files: Files, connections: Connections): void => {
  const file = files['systems-of-record.yaml'];
  const rules = bundle['systems-of-record.yaml'].systemsOfRecord as Partial<Bundle['systems-of-record.yaml']['systemsOfRecord']>;
  for (const kind of MASTER_KINDS) {
    const rule = rules[kind];
    if (!rule) continue;
    const check = (id: string, path: Path): void => {
      const report = (message: string, fix: string): void => file.report(path, message, fix);
      if (!meets(connections, id, 'master-data', report)) return;
      const kinds = connections[id]!.kinds;
      if (kinds && !kinds.includes(kind))
        report(
          `connection "${id}" does not read ${kind}`,
          `add "${kind}" to its kinds in connections.yaml, or name another connection`,
        );
    };
    const base = ['systemsOfRecord', kind];
    checkRule(rule, base, check);
    for (const [entity, entityRule] of Object.entries(rule.legalEntities))
      checkRule(entityRule, [...base, 'legalEntities', entity], check);
    if (!namesCreator(rule))
      file.reportKey(
        base,
        `nobody may create a ${kind}: neither "default" nor the attribute "code" names a connection`,
        'add "default:" with the connection that owns the kind',
      );
  }
};

interface SorRule {
  readonly default?: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}
const checkRule = (rule: SorRule, path: Path, check: (id: string, path: Path) => void): void => {
  // In the short form ("worker: hr") the value itself is the default.
  if (rule.default !== undefined) check(rule.default, [...path, 'default']);
  for (const [attribute, id] of Object.entries(rule.attributes)) check(id, [...path, 'attributes', attribute]);
};
const namesCreator = (rule: SorRule & { readonly legalEntities: Readonly<Record<string, SorRule>> }): boolean =>
  [rule, ...Object.values(rule.legalEntities)].some((r) => r.default !== undefined || Object.hasOwn(r.attributes, 'code'));

const checkRoutes = (bundle: Bundle, files: Files, connections: Connections): void => {
  const { routes, payroll, analytics, projects } = bundle['routing.yaml'];
  const file = files['routing.yaml'];
  const check = (ids: readonly string[], role: Feed | 'project', path: Path): void =>
    ids.forEach((id, index) => meets(connections, id, role, (message, fix) => file.report([...path, index], message, fix)));
  for (const [role, key, section] of [
    ['posting', 'routes', routes],
    ['payroll', 'payroll', payroll],
    ['analytics', 'analytics', analytics],
    ['project', 'projects', projects],
  ] as const) {
    check(section.default, role, [key, 'default']);
    for (const [entity, ids] of Object.entries(section.legalEntities)) check(ids, role, [key, 'legalEntities', entity]);
  }
};

/** A shadow's books do not count, so every hour that goes there goes to another ERP too. */
const checkShadows = ({ 'routing.yaml': { routes, shadows } }: Bundle, file: BundleFile, connections: Connections): void => {
  shadows.forEach((id, index) => {
    const path = ['shadows', index];
    if (meets(connections, id, 'posting', (message, fix) => file.report(path, message, fix)))
      if (![routes.default, ...Object.values(routes.legalEntities)].some((ids) => ids.includes(id)))
        file.report(path, `nothing is sent to the shadow "${id}"`, 'add it to the routes of a legal entity, or remove it here');
  });
  const check = (ids: readonly string[], path: Path): void => {
    if (ids.length > 0 && ids.every((id) => shadows.includes(id)))
      file.report(
        path,
        `time is posted to shadows only: ${ids.join(', ')}`,
        'add the ERP whose books count, or remove it from "shadows"',
      );
  };
  check(routes.default, ['routes', 'default']);
  for (const [entity, ids] of Object.entries(routes.legalEntities)) check(ids, ['routes', 'legalEntities', entity]);
};

const checkOwners = (bundle: Bundle, files: Files): void => {
  const file = files['ownership.yaml'];
  const { teams, owners } = bundle['ownership.yaml'];
  const check = (team: string | undefined, path: Path): void => {
    if (team !== undefined && !teams.includes(team)) {
      const near = nearest(team, teams);
      file.report(
        path,
        `team "${team}" is not among the teams`,
        near ? `did you mean "${near}"?` : 'add it to "teams", or name another',
      );
    }
  };
  for (const [reason, team] of Object.entries(owners.reasons)) check(team, ['owners', 'reasons', reason]);
  for (const [entity, rule] of Object.entries(owners.legalEntities)) {
    check(rule.default, ['owners', 'legalEntities', entity, 'default']);
    for (const [reason, team] of Object.entries(rule.reasons))
      check(team, ['owners', 'legalEntities', entity, 'reasons', reason]);
  }
  const orphaned = new Map<string, ReasonCode>();
  for (const reason of Object.keys(REASON_CODES) as ReasonCode[]) {
    const team = ownerOf(bundle['ownership.yaml'], reason, '');
    if (!teams.includes(team) && !orphaned.has(team) && !Object.hasOwn(owners.reasons, reason)) orphaned.set(team, reason);
  }
  for (const [team, reason] of orphaned)
    file.report(
      ['teams'],
      `cases such as ${reason} go to "${team}" by default, which is not among the teams`,
      `add "${team}" to "teams", or name an owner for ${reason} under "owners.reasons"`,
    );
};

/** A rule behind one that takes everything is never asked: almost always two lines in the wrong order. */
const checkAccountRules = (bundle: Bundle, files: Files): void => {
  const { accounts } = bundle['accounts.yaml'];
  const all = accounts.findIndex(
    ({ when }) => when === undefined || Object.values(when).every((condition) => condition === undefined),
  );
  if (all !== -1 && all < accounts.length - 1)
    files['accounts.yaml'].report(
      ['accounts', all + 1],
      `rule ${all + 2} is never reached: rule ${all + 1} takes everything`,
      'move the rule without "when" to the end',
    );
};

/**
 * A one-off override lets time pass that breaks a rule. It cannot make known what nobody knows, open a period, or name an account: what
 * comes after would have nothing to book.
 */
const checkWaivable = (bundle: Bundle, file: BundleFile): void =>
  bundle['validation.yaml'].waivable.forEach((reason, index) => {
    if (!WAIVABLE.includes(reason))
      file.report(
        ['waivable', index],
        `${reason} cannot be waived: an override lets pass only what could then be booked`,
        `choose from ${WAIVABLE.join(', ')}`,
      );
  });
