import { addDuration, decimal, REASON_CODES, type MasterKind, type ReasonCode } from '@tieout/model';
import type { Bundle } from '../bundle/schemas.js';
import type { AccountAnswer, AccountQuestion, CompiledPolicy } from '../compiled-policy.js';
import { own } from './own.js';

export const compileSystemsOfRecord = ({
  systemsOfRecord,
}: Bundle['systems-of-record.yaml']): CompiledPolicy['systemOfRecord'] => {
  const rules = systemsOfRecord as Partial<Record<MasterKind, (typeof systemsOfRecord)[MasterKind]>>;
  return (kind, attribute, legalEntityId) => {
    const rule = rules[kind];
    if (!rule) return undefined;
    const entity = own(rule.legalEntities, legalEntityId);
    return own(entity?.attributes ?? {}, attribute) ?? entity?.default ?? own(rule.attributes, attribute) ?? rule.default;
  };
};

/** Every line of a month-end asks; what no rule names is asked for under one key, so that the answers stay as few as the rules. */
export const compileAccounts = ({ accounts }: Bundle['accounts.yaml']): CompiledPolicy['account'] => {
  const named = (list: 'legalEntities' | 'legs'): ReadonlySet<string> =>
    new Set(accounts.flatMap(({ when }) => when?.[list] ?? []));
  const [entities, legs] = [named('legalEntities'), named('legs')];
  const known = new Map<string, AccountAnswer | undefined>();
  return (q) => {
    const entity = entities.has(q.legalEntityId) ? q.legalEntityId : '';
    const leg = legs.has(q.leg) ? q.leg : '';
    const key = `${entity}|${leg}|${q.workerType}|${q.billable}`;
    let answer = known.get(key);
    if (answer === undefined && !known.has(key)) known.set(key, (answer = accountOf(accounts, q)));
    return answer;
  };
};

const accountOf = (accounts: Bundle['accounts.yaml']['accounts'], q: AccountQuestion): AccountAnswer | undefined => {
  const allows = <T>(listed: readonly T[] | undefined, value: T): boolean => listed === undefined || listed.includes(value);
  const rule = accounts.find(
    ({ when }) =>
      !when ||
      (allows(when.legalEntities, q.legalEntityId) &&
        allows(when.legs, q.leg) &&
        allows<string>(when.workerTypes, q.workerType) &&
        (when.billable === undefined || when.billable === q.billable)),
  );
  return rule && { account: rule.account, balancingAccount: rule.balancingAccount };
};

/** Most particular first: reason within the legal entity, reason, legal entity, the catalogue. */
export const ownerOf = ({ owners }: Bundle['ownership.yaml'], reason: ReasonCode, legalEntityId: string): string => {
  const entity = own(owners.legalEntities, legalEntityId);
  return (
    own(entity?.reasons ?? {}, reason) ?? own(owners.reasons, reason) ?? entity?.default ?? REASON_CODES[reason].defaultOwner
  );
};

type SeverityRule = Bundle['priorities.yaml']['severities'][number];

export const compileSeverity = ({ severities, otherwise }: Bundle['priorities.yaml']): CompiledPolicy['severity'] => {
  const holds = ({ when }: SeverityRule, q: Parameters<CompiledPolicy['severity']>[0]): boolean => {
    if (when.reasons && !when.reasons.includes(q.reason)) return false;
    if (when.impacts && !when.impacts.includes(REASON_CODES[q.reason].impact)) return false;
    if (when.hoursAtLeast !== undefined && decimal(q.hours).abs().lessThan(when.hoursAtLeast)) return false;
    if (when.hoursToCutOffAtMost !== undefined && (q.hoursToCutOff === undefined || q.hoursToCutOff > when.hoursToCutOffAtMost))
      return false;
    if (when.amountAtLeast) {
      const limit = own(when.amountAtLeast, q.currency);
      if (limit === undefined || q.amount === undefined || decimal(q.amount).abs().lessThan(limit)) return false;
    }
    return true;
  };
  return (q) => severities.find((rule) => holds(rule, q))?.severity ?? otherwise;
};

export const compileDueAt =
  ({ dueIn }: Bundle['slas.yaml']): CompiledPolicy['dueAt'] =>
  (severity, openedAt) =>
    addDuration(openedAt, dueIn[severity]);
