import { isSeq } from 'yaml';
import {
  checked,
  either,
  isSingle,
  like,
  list,
  mapped,
  object,
  optional,
  record,
  required,
  withDefault,
  type Decoded,
  type Decoder,
} from '../reading/decoders.js';
import { CODE } from './names.js';
import { choice, flag, text, timeZone } from '../reading/scalars.js';

const fieldName = text('the name of a field of the source');
const from = either(
  (node) => isSeq(node),
  list(fieldName, 1),
  mapped(fieldName, (name) => [name]),
);

const anyValue = like(/./s, 'a value of the source');

/** What every rule may say. `from` with several names takes the first that is present. */
const common = {
  from: optional(from),
  constant: optional(text('a fixed value')),
  default: optional(text('a value for when the field is absent')),
  required: optional(flag),
  values: optional(record(anyValue, text('the canonical value'))),
  otherwise: optional(choice(['absent', 'refuse', 'keep'])),
} as const;

interface CommonRule {
  readonly from?: readonly string[] | undefined;
  readonly constant?: string | undefined;
  readonly default?: string | undefined;
  readonly required?: boolean | undefined;
  readonly values?: Readonly<Record<string, string>> | undefined;
  /** What becomes of a value that `values` does not list. */
  readonly otherwise?: 'absent' | 'refuse' | 'keep' | undefined;
}
export interface TextRule extends CommonRule {
  readonly case?: 'upper' | 'lower' | undefined;
}
export interface DateRule extends CommonRule {
  readonly format?: string | undefined;
  readonly zone?: string | undefined;
}
export interface HoursRule extends CommonRule {
  readonly unit?: 'hours' | 'minutes' | 'seconds' | 'hh:mm' | undefined;
  readonly decimalSeparator?: '.' | ',' | undefined;
}

const sound = <T extends CommonRule>(decode: Decoder<T>): Decoder<T> =>
  checked(decode, (rule) => {
    if ((rule.from === undefined) === (rule.constant === undefined))
      return ['needs either "from" or "constant"', 'name the field of the source with "from", or fix the value with "constant"'];
    if (rule.otherwise !== undefined && rule.values === undefined)
      return ['has "otherwise" without "values"', 'add "values", or remove "otherwise"'];
    return undefined;
  });

const short = <T extends CommonRule>(long: Decoder<T>): Decoder<T> =>
  either(
    isSingle,
    mapped(fieldName, (name) => ({ from: [name] }) as unknown as T),
    sound(long),
  ) as Decoder<T>;

const DATE_FORMAT = /^(instant|(?=.*yyyy)(?=.*M)(?=.*d)[yMd./\- ]+)$/;
const INSTANT_FORMAT = /^(instant|(?=.*yyyy)(?=.*M)(?=.*d)[yMdHms./:\-'T ]+)$/;

const textRule: Decoder<TextRule> = short(object({ ...common, case: optional(choice(['upper', 'lower'])) }));
const dateRule: Decoder<DateRule> = checked(
  short(
    object({
      ...common,
      format: optional(text('"instant" or a pattern of yyyy, MM, M, dd, d, for example dd.MM.yyyy', DATE_FORMAT)),
      zone: optional(timeZone),
    }),
  ) as Decoder<DateRule>,
  (rule) =>
    rule.format === 'instant' && rule.zone === undefined
      ? ['turns an instant into a date without a "zone"', 'add "zone:", for example Europe/Berlin']
      : undefined,
);
const instantRule: Decoder<DateRule> = checked(
  short(
    object({
      ...common,
      format: optional(text('"instant" or a pattern, for example yyyy-MM-dd HH:mm', INSTANT_FORMAT)),
      zone: optional(timeZone),
    }),
  ) as Decoder<DateRule>,
  (rule) =>
    (rule.format ?? 'instant') !== 'instant' && rule.zone === undefined
      ? ['reads local time without a "zone"', 'add "zone:", for example Europe/Berlin']
      : undefined,
);
const hoursRule: Decoder<HoursRule> = short(
  object({
    ...common,
    unit: optional(choice(['hours', 'minutes', 'seconds', 'hh:mm'])),
    decimalSeparator: optional(choice(['.', ','])),
  }),
);

const approved = either(
  isSingle,
  mapped(choice(['always']), () => 'always' as const),
  object({ field: required(fieldName), equals: required(list(text('a value of the field'), 1)) }),
);

export const timeMapping = object({
  fields: required(
    object({
      workerCode: required(textRule),
      projectCode: required(textRule),
      taskCode: optional(textRule),
      activity: optional(textRule),
      payCode: optional(textRule),
      workDate: required(dateRule),
      hours: required(hoursRule),
      startedAt: optional(instantRule),
      endedAt: optional(instantRule),
      billable: optional(textRule),
    }),
  ),
  approval: required(
    object({
      approved: required(approved),
      approvedAt: optional(instantRule),
      approvedBy: optional(textRule),
      level: optional(textRule),
    }),
  ),
});
export type TimeMapping = Decoded<typeof timeMapping>;

export const mappingsFile = object({
  mappings: withDefault(record(like(CODE, 'the id of a connection'), timeMapping), {}),
});
