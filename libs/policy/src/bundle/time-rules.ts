import type { ReasonCode } from '@tieout/model';
import type { Approvers } from '../answers/time.js';
import { checked, either, isListNode, list, mapped, object, required } from '../reading/decoders.js';
import { choice, decimalText, text } from '../reading/scalars.js';

/** Shapes that the firm-wide files and the overlays share. */
export const hours = decimalText('hours as a decimal, for example 24 or 7.5');

export const hoursPerEntry = checked(object({ min: required(hours), max: required(hours) }), (range) =>
  Number(range.min) > Number(range.max) ? ['has "min" above "max"', 'swap the two'] : undefined,
);

export const approvers = either(
  isListNode,
  mapped(list(text('a worker code'), 1), (codes) => ({ codes }) as Approvers),
  mapped(choice(['anyone', 'rights']), (all) => all as Approvers),
);

export const late = choice(['hold', 'first-open-period']);

/** Rules that a one-off override may break: what is held for them could be booked. */
export const WAIVABLE: readonly ReasonCode[] = [
  'INACTIVE_WORKER',
  'INACTIVE_PROJECT',
  'CLOSED_TASK',
  'NOT_ASSIGNED',
  'APPROVER_NOT_AUTHORISED',
  'SELF_APPROVED',
  'INTERCOMPANY_NOT_ALLOWED',
  'HOURS_OUT_OF_RANGE',
  'DAILY_LIMIT_EXCEEDED',
  'OVERLAP',
];
