import { PLAN_CHANGES, type PlanChange, type PolicyPlanReportV1 } from '@tieout/contracts';
import {
  decimal,
  Decimal,
  toDecimalString,
  type CurrencyCode,
  type DecimalString,
  type EntryId,
  type RatedAmount,
  type ReleasedContent,
  type TimeEntryContent,
} from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import type { Verdict } from './assess.js';

/** An entry's verdict under one of the two bundles. */
export interface Assessed {
  readonly verdict: Verdict;
  readonly policy: Pick<CompiledPolicy, 'legs' | 'account'>;
}

/** What the candidate would do otherwise about one entry. */
export interface EntryChange {
  readonly change: PlanChange;
  readonly before: string;
  readonly after: string;
  readonly amounts: readonly { readonly currency: CurrencyCode; readonly amount: DecimalString }[];
}

/** Examples per change and legal entity: enough to see what is meant, few enough to be read. */
const EXAMPLES = 10;

type Released = Extract<Verdict, { kind: 'released' }>;

/** Compares two verdicts on the same entry, of the same instant. None: the candidate changes nothing about it. */
export const changesOf = (before: Assessed, after: Assessed): EntryChange[] => {
  const [old, next] = [before.verdict, after.verdict];
  if (old.kind === 'released' && next.kind === 'released') return changesOfReleased(before.policy, old, after.policy, next);
  if (old.kind === 'released') return [anew('newly-held', old, next, old.content.cost)];
  if (next.kind === 'released') return [anew('newly-released', old, next, next.content.cost)];
  return [];
};

const anew = (change: PlanChange, old: Verdict, next: Verdict, cost: RatedAmount): EntryChange => ({
  change,
  before: shownVerdict(old),
  after: shownVerdict(next),
  amounts: [cost],
});

const shownVerdict = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'released':
      return 'released';
    case 'waiting':
      return 'waiting for an unknown key';
    case 'held':
      return `held: ${verdict.refusals.map(({ reason, subject }) => `${reason} (${subject})`).join(', ')}`;
  }
};

const changesOfReleased = (
  oldPolicy: Assessed['policy'],
  old: Released,
  nextPolicy: Assessed['policy'],
  next: Released,
): EntryChange[] => {
  const [a, b] = [old.content, next.content];
  const changes: EntryChange[] = [];
  const note = (change: PlanChange, before: string, after: string, amounts: EntryChange['amounts'] = [b.cost]): void => {
    if (before !== after) changes.push({ change, before, after, amounts });
  };
  note('period', old.period, next.period);
  note('account', accountsOf(a, oldPolicy), accountsOf(b, nextPolicy));
  note('route', a.routes.join(', '), b.routes.join(', '));
  note('amount', shownAmount(a.cost), shownAmount(b.cost), difference(a.cost, b.cost));
  note('bill-amount', shownAmount(a.bill), shownAmount(b.bill), difference(a.bill, b.bill));
  return changes;
};

/** Every line that the hour becomes, each in the books of its own legal entity. */
const accountsOf = (content: ReleasedContent, policy: Assessed['policy']): string => {
  const { workerType, legalEntityId, projectLegalEntityId, billable } = content;
  return policy
    .legs({ workerType, workerLegalEntityId: legalEntityId, projectLegalEntityId })
    .map((leg) => {
      const books = leg === 'intercompany-due-to' ? (projectLegalEntityId ?? legalEntityId) : legalEntityId;
      const found = policy.account({ legalEntityId: books, leg, workerType, billable });
      return `${leg} ${found === undefined ? 'no account' : `${found.account}/${found.balancingAccount}`}`;
    })
    .join(', ');
};

const shownAmount = (amount: RatedAmount | undefined): string =>
  amount === undefined ? 'none' : `${amount.amount} ${amount.currency}`;

/** New minus old; two currencies are two differences. */
const difference = (old: RatedAmount | undefined, next: RatedAmount | undefined): EntryChange['amounts'] => {
  const minus = old === undefined ? [] : [{ currency: old.currency, amount: toDecimalString(decimal(old.amount).negated()) }];
  return next === undefined ? minus : [...minus, { currency: next.currency, amount: next.amount }];
};

/** The entry as examples show it. */
export interface PlannedEntry {
  readonly entryId: EntryId;
  readonly legalEntityId: string;
  readonly content: TimeEntryContent;
}

interface ChangeSums {
  entries: number;
  hours: Decimal;
  readonly amounts: Map<CurrencyCode, Decimal>;
  readonly examples: PolicyPlanReportV1['legalEntities'][number]['changes'][number]['examples'][number][];
}
interface EntitySums {
  entries: number;
  unchanged: number;
  readonly changes: Map<PlanChange, ChangeSums>;
}

/** Adds up what a candidate changes, entry by entry; holds sums and a few examples, never the entries. */
export class PlanTally {
  readonly #entities = new Map<string, EntitySums>();
  #entries = 0;

  add({ entryId, legalEntityId, content }: PlannedEntry, changes: readonly EntryChange[]): void {
    this.#entries++;
    let entity = this.#entities.get(legalEntityId);
    if (entity === undefined) this.#entities.set(legalEntityId, (entity = { entries: 0, unchanged: 0, changes: new Map() }));
    entity.entries++;
    if (changes.length === 0) entity.unchanged++;
    for (const { change, before, after, amounts } of changes) {
      let sums = entity.changes.get(change);
      if (sums === undefined)
        entity.changes.set(change, (sums = { entries: 0, hours: new Decimal(0), amounts: new Map(), examples: [] }));
      sums.entries++;
      sums.hours = sums.hours.plus(content.hours);
      for (const { currency, amount } of amounts)
        sums.amounts.set(currency, (sums.amounts.get(currency) ?? new Decimal(0)).plus(amount));
      const { workerCode, projectCode, workDate, hours } = content;
      if (sums.examples.length < EXAMPLES)
        sums.examples.push({ entryId, workerCode, projectCode, workDate, hours, before, after });
    }
  }

  report(about: Omit<PolicyPlanReportV1, 'entries' | 'legalEntities'>): PolicyPlanReportV1 {
    return {
      ...about,
      entries: this.#entries,
      legalEntities: [...this.#entities.keys()].sort().map((legalEntityId) => {
        const { entries, unchanged, changes } = this.#entities.get(legalEntityId)!;
        return {
          legalEntityId,
          entries,
          unchanged,
          changes: PLAN_CHANGES.flatMap((change) => {
            const sums = changes.get(change);
            return sums === undefined ? [] : [{ change, ...shownSums(sums) }];
          }),
        };
      }),
    };
  }
}

const shownSums = ({ entries, hours, amounts, examples }: ChangeSums) => ({
  entries,
  hours: toDecimalString(hours),
  amounts: Object.fromEntries(
    [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, sum]) => [currency, toDecimalString(sum)]),
  ),
  examples,
});
