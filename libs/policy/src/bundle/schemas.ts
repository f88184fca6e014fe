import { MASTER_KINDS, REASON_CODES, type MasterKind, type ReasonCode } from '@tieout/model';
import { CONNECTION_ROLES, RATE_DATES, SEVERITIES } from '../compiled-policy.js';
import {
  checked,
  either,
  isSingle,
  like,
  list,
  mapped,
  object,
  oneOf,
  optional,
  record,
  required,
  withDefault,
  type Decoded,
} from '../reading/decoders.js';
import { choice, duration, flag, integer, scalar, share, text } from '../reading/scalars.js';
import { adoption, budget, excludedPayCodes, laneFields, ledgerFields, leg, payRunAlerts } from './feed-schemas.js';
import { calendarsFile } from './calendar-schemas.js';
import { amountsByCurrency, approvalsFile, retentionFile } from './governance-schemas.js';
import { attributesOf } from './master-attributes.js';
import { mappingsFile } from './mapping-schema.js';
import { byRegion, CODE, connectionName, legalEntityKey } from './names.js';
import { federationFile, type Overlay } from './overlay-schema.js';
import { approvers, hours, hoursPerEntry } from './time-rules.js';

const REASONS = Object.keys(REASON_CODES) as ReasonCode[];
const connection = checked(
  object({
    system: required(text('the name of a connector', /^[a-z][a-z0-9-]*$/)),
    roles: required(list(choice(CONNECTION_ROLES), 1)),
    settings: withDefault(
      record(like(/^[A-Za-z][A-Za-z0-9]*$/, 'the name of a setting'), text('a value or a reference env:NAME or file:/path')),
      {},
    ),
    secrets: withDefault(list(text('the name of a setting')), []),
    pollEverySeconds: withDefault(integer(1, 86_400), 60),
    sweepEverySeconds: withDefault(integer(1, 86_400), 900),
    journalOursAlone: withDefault(flag, false),
    kinds: optional(list(choice(MASTER_KINDS), 1)),
    windowDays: withDefault(integer(1, 3660), 90),
    massDeletionLimit: withDefault(object({ share: required(share), count: required(integer(0, 1_000_000)) }), {
      share: 0.2,
      count: 20,
    }),
    budget: optional(budget),
    adoption: optional(adoption),
  }),
  (value) => {
    // The value is never shown: it may be the secret itself.
    for (const name of value.secrets) {
      const setting = value.settings[name];
      if (setting === undefined)
        return [
          `lists the secret "${name}", which is not among its settings`,
          `add the setting "${name}", or remove it from "secrets"`,
        ];
      if (!/^(env|file):./.test(setting))
        return [
          `holds the secret "${name}" itself`,
          'put the secret into the environment or a file, and refer to it as env:NAME or file:/path; a bundle never holds a secret',
        ];
    }
    return undefined;
  },
);
const connectionsFile = object({
  connections: required(record(like(CODE, 'the id of a connection (letters, digits, - _ .)'), connection)),
});

const sorRule = (kind: MasterKind) => {
  const names = attributesOf(kind);
  const attributes = withDefault(record(oneOf(names, `an attribute of ${kind}`), connectionName), {});
  const wholeKind = mapped(connectionName, (id) => ({
    default: id as string | undefined,
    attributes: {} as Record<string, string>,
  }));
  return { wholeKind, long: { default: optional(connectionName), attributes } };
};
const sorKind = (kind: MasterKind) => {
  const { wholeKind, long } = sorRule(kind);
  const forEntity = either(isSingle, wholeKind, object(long));
  return either(
    isSingle,
    mapped(wholeKind, (rule) => ({ ...rule, legalEntities: {} as Record<string, Decoded<typeof forEntity>> })),
    object({ ...long, legalEntities: withDefault(record(legalEntityKey, forEntity), {}) }),
  );
};
const systemsOfRecordFile = object({
  systemsOfRecord: required(
    object(
      Object.fromEntries(MASTER_KINDS.map((kind) => [kind, optional(sorKind(kind))])) as Record<
        MasterKind,
        ReturnType<typeof optional<Decoded<ReturnType<typeof sorKind>>>>
      >,
    ),
  ),
});

const validationFile = object({
  hoursPerEntry: required(hoursPerEntry),
  dailyLimitHours: required(byRegion(hours)),
  selfApproval: required(choice(['barred', 'allowed'])),
  approvers: withDefault(
    object({ default: withDefault(approvers, 'anyone'), legalEntities: withDefault(record(legalEntityKey, approvers), {}) }),
    { default: 'anyone', legalEntities: {} },
  ),
  projectGraceDays: required(byRegion(integer(0, 3660))),
  unknownKeyGrace: required(duration),
  intercompany: required(choice(['hold', 'allow-labour-cost', 'due-to-due-from'])),
  requireTask: required(flag),
  requirePayCode: required(flag),
  overlap: required(choice(['hold', 'ignore'])),
  payRunAlerts: withDefault(payRunAlerts, { changePercent: 30, zeroHours: true, leavers: true }),
  waivable: withDefault(list(choice(REASONS)), []),
});

const accountCode = text('an account of the ledger');
const accountsFile = object({
  rates: required(
    object({
      costRateDate: required(choice(RATE_DATES)),
      billRateDate: required(choice(RATE_DATES)),
      projectCodeDate: withDefault(choice(RATE_DATES), 'work-date'),
      amountCurrency: required(choice(['legal-entity', 'rate'])),
      correctRatesAfterwards: withDefault(choice(['unsent-only', 'correct-posted']), 'correct-posted'),
    }),
  ),
  accounts: required(
    list(
      object({
        when: optional(
          object({
            legalEntities: optional(list(text('the code of a legal entity', CODE), 1)),
            legs: optional(list(leg, 1)),
            workerTypes: optional(list(choice(['employee', 'contractor']), 1)),
            billable: optional(flag),
          }),
        ),
        account: required(accountCode),
        balancingAccount: required(accountCode),
      }),
      1,
    ),
  ),
  ...ledgerFields,
});

const destinations = list(connectionName);
const routes = object({
  default: withDefault(destinations, []),
  legalEntities: withDefault(record(legalEntityKey, destinations), {}),
});
const routingFile = object({
  routes: required(routes),
  payroll: withDefault(routes, { default: [], legalEntities: {} }),
  analytics: withDefault(routes, { default: [], legalEntities: {} }),
  projects: withDefault(routes, { default: [], legalEntities: {} }),
  shadows: withDefault(list(connectionName), []),
  afterMove: withDefault(choice(['reverse-in-old', 'adjust-in-new']), 'reverse-in-old'),
  excludedPayCodes: withDefault(excludedPayCodes, { default: [], legalEntities: {} }),
});

const IMPACTS = ['billing', 'payroll', 'cost', 'control', 'operations'] as const;
const prioritiesFile = object({
  severities: required(
    list(
      object({
        severity: required(choice(SEVERITIES)),
        when: required(
          object({
            reasons: optional(list(choice(REASONS), 1)),
            impacts: optional(list(choice(IMPACTS), 1)),
            hoursAtLeast: optional(hours),
            amountAtLeast: optional(amountsByCurrency),
            hoursToCutOffAtMost: optional(
              scalar((value) => (/^\d+$/.test(value) ? Number(value) : undefined), 'a whole number of hours', {
                type: ['integer', 'string'],
                minimum: 0,
                pattern: '^\\d+$',
              }),
            ),
          }),
        ),
      }),
    ),
  ),
  otherwise: required(choice(SEVERITIES)),
  ...laneFields,
});

const slasFile = object({
  dueIn: required(
    object({ critical: required(duration), high: required(duration), normal: required(duration), low: required(duration) }),
  ),
});

const team = text('the name of a team', CODE);
const teamsByReason = record(oneOf(REASONS, 'a reason code'), team);
const ownershipFile = object({
  teams: required(list(team, 1)),
  owners: withDefault(
    object({
      reasons: withDefault(teamsByReason, {}),
      legalEntities: withDefault(
        record(legalEntityKey, object({ default: optional(team), reasons: withDefault(teamsByReason, {}) })),
        {},
      ),
    }),
    { reasons: {}, legalEntities: {} },
  ),
});

/** Every file of a bundle and its shape. */
export const BUNDLE_FILES = {
  'connections.yaml': connectionsFile,
  'systems-of-record.yaml': systemsOfRecordFile,
  'mappings.yaml': mappingsFile,
  'validation.yaml': validationFile,
  'calendars.yaml': calendarsFile,
  'accounts.yaml': accountsFile,
  'routing.yaml': routingFile,
  'priorities.yaml': prioritiesFile,
  'slas.yaml': slasFile,
  'ownership.yaml': ownershipFile,
  'approvals.yaml': approvalsFile,
  'federation.yaml': federationFile,
  'retention.yaml': retentionFile,
} as const;

/** Read as empty where they are absent: nothing may be overridden, and everything is kept. */
export const OPTIONAL_FILES: ReadonlySet<string> = new Set(['federation.yaml', 'retention.yaml']);

export type BundleFileName = keyof typeof BUNDLE_FILES;
/** A bundle whose every file has the right shape; names in it may still point at nothing. */
export type Bundle = { readonly [F in BundleFileName]: Decoded<(typeof BUNDLE_FILES)[F]> } & { readonly overlays: Overlays };

/** By the code of the legal entity and the name of the region. */
export interface Overlays {
  readonly legalEntities: Readonly<Record<string, Overlay>>;
  readonly regions: Readonly<Record<string, Overlay>>;
}
