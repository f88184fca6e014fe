import { ALL_PARTS, APPROVER_ROLES, OPERATOR_ACTIONS, type OperatorAction, type Role } from '../answers/governance.js';
import { like, list, object, optional, record, required, type Field } from '../reading/decoders.js';
import { choice, decimalText, duration, integer } from '../reading/scalars.js';

const roles = list(choice(APPROVER_ROLES), 1);

export const amountsByCurrency = record(like(/^[A-Z]{3}$/, 'an ISO 4217 currency'), decimalText());

const threshold = object({ lines: optional(integer(0, 1_000_000)), amounts: optional(amountsByCurrency) });
export interface Threshold {
  readonly lines?: number | undefined;
  readonly amounts?: Readonly<Record<string, string>> | undefined;
}

const each = <K extends string, T>(keys: readonly K[], field: Field<T>): Record<K, Field<T>> =>
  Object.fromEntries(keys.map((key) => [key, field])) as Record<K, Field<T>>;

/** approvals.yaml: who agrees to what. Nothing has a default here: who may approve is said, never guessed. */
export const approvalsFile = object({
  approvers: required(object(each<(typeof ALL_PARTS)[number], Role[]>(ALL_PARTS, required(roles)))),
  proposalsExpireAfter: required(duration),
  activate: required(roles),
  rollBack: required(roles),
  declareEmergency: required(roles),
  reviewWithin: required(duration),
  secondPerson: required(object(each<OperatorAction, Threshold>(OPERATOR_ACTIONS, required(threshold)))),
});

/** retention.yaml: how long what is kept. */
export const retentionFile = object({ sourceRecords: optional(duration) });
