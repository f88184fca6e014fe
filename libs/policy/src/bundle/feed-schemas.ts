import { FEEDS, LEGS, type Leg } from '@tieout/model';
import { ADOPTION_FIELDS, LANES, SUMMARY_FIELDS } from '../compiled-policy.js';
import { either, isListNode, list, mapped, object, optional, record, required, withDefault, oneOf } from '../reading/decoders.js';
import { choice, decimalText, duration, flag, integer, scalar, share, text } from '../reading/scalars.js';
import { byRegion, CODE, connectionName, legalEntityKey } from './names.js';

const legalEntities = list(text('the code of a legal entity', CODE), 1);
const connections = list(connectionName, 1);
const feeds = list(choice(FEEDS), 1);
export const leg = scalar<Leg>(
  (value) => ((LEGS as readonly string[]).includes(value) || /^pay:\S/.test(value) ? (value as Leg) : undefined),
  `a leg (${LEGS.join(', ')}, or pay: and a pay code)`,
  { anyOf: [{ enum: LEGS }, { type: 'string', pattern: '^pay:\\S' }] },
);
const legs = list(leg, 1);

/** connections.yaml: what one destination takes from us, and who gets how much of it. */
export const budget = object({
  slots: required(integer(1, 1000)),
  perSecond: optional(
    scalar(
      (value) => (/^\d{1,6}(\.\d{1,6})?$/.test(value) && Number(value) > 0 ? Number(value) : undefined),
      'requests per second, above 0, for example 20 or 0.5',
      { type: ['number', 'string'], exclusiveMinimum: 0, pattern: '^\\d{1,6}(\\.\\d{1,6})?$' },
    ),
  ),
  shares: optional(object({ posting: optional(share), payroll: optional(share), analytics: optional(share) })),
});

/** connections.yaml: how lines that a predecessor booked are recognised. */
export const adoption = object({
  matchBy: required(list(choice(ADOPTION_FIELDS), 1)),
  toleranceHours: withDefault(decimalText('hours as a decimal, for example 0.01'), '0'),
  toleranceAmount: withDefault(decimalText('an amount as a decimal, for example 0.05'), '0'),
});

const EMPLOYEE: Leg[] = ['labour-cost'];
const CONTRACTOR: Leg[] = ['contractor-accrual'];
/** accounts.yaml: what an hour becomes, how much is summed, what is accrued at close. */
export const ledgerFields = {
  legs: withDefault(object({ employee: withDefault(legs, EMPLOYEE), contractor: withDefault(legs, CONTRACTOR) }), {
    employee: EMPLOYEE,
    contractor: CONTRACTOR,
  }),
  summarise: withDefault(
    list(
      object({
        when: optional(
          object({ destinations: optional(connections), legs: optional(legs), legalEntities: optional(legalEntities) }),
        ),
        keep: required(
          either(
            isListNode,
            mapped(list(choice(SUMMARY_FIELDS)), (fields) => fields as 'lines' | typeof fields),
            mapped(choice(['lines']), (all) => all as 'lines' | (typeof SUMMARY_FIELDS)[number][]),
          ),
        ),
      }),
    ),
    [],
  ),
  accruals: withDefault(
    object({
      missing: withDefault(choice(['none', 'accrue']), 'none'),
      unapproved: withDefault(choice(['none', 'accrue']), 'none'),
      missingProjects: withDefault(record(legalEntityKey, text('the code of a project', CODE)), {}),
      expectedHoursPerDay: withDefault(byRegion(decimalText('hours as a decimal, for example 8')), { default: '8', regions: {} }),
    }),
    { missing: 'none', unapproved: 'none', missingProjects: {}, expectedHoursPerDay: { default: '8', regions: {} } },
  ),
};

/** priorities.yaml: who goes first, and how long anybody waits. */
export const laneFields = {
  lanes: withDefault(
    list(
      object({
        lane: required(choice(LANES)),
        when: required(
          object({
            feeds: optional(feeds),
            billable: optional(flag),
            hoursToDeadlineAtMost: optional(integer(0, 10_000)),
          }),
        ),
      }),
    ),
    [],
  ),
  ageing: withDefault(
    record(oneOf(LANES, 'a lane'), object({ patience: required(duration), lead: withDefault(duration, 'PT0S') })),
    {},
  ),
};

/** validation.yaml: what a pay run's preview points out. */
export const payRunAlerts = object({
  changePercent: required(integer(1, 10_000)),
  zeroHours: required(flag),
  leavers: required(flag),
});

const payCodes = list(text('a pay code'));
/** routing.yaml: time off that HR tells payroll itself. */
export const excludedPayCodes = object({
  default: withDefault(payCodes, []),
  legalEntities: withDefault(record(legalEntityKey, payCodes), {}),
});
