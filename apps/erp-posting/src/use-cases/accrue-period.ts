import {
  COMMANDS,
  QUESTIONS,
  type AccruePeriodV1,
  type OpenTimeAnswerV1,
  type OpenTimeV1,
  type WorkerTimeV1,
} from '@tieout/contracts';
import { CHANNELS, sizeOf, tell, type Gate, type NewTarget } from '@tieout/delivery';
import type { PostgresLedger } from '@tieout/delivery/postgres';
import type { Questions } from '@tieout/messaging';
import type { Tx } from '@tieout/persistence';
import { addDecimals, type ConnectionId } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import type { SecondPerson } from '@tieout/service-kit';
import { accrualsOf, type Accrual } from '../domain/accrual.js';
import { accountingPeriods, type AccountingPeriod } from '../domain/periods.js';
import { urgencyOf } from '../domain/urgency.js';

export interface AccrueAnswer {
  readonly dryRun: boolean;
  /** Those that are new; what was accrued before is not accrued again. */
  readonly accruals: number;
  readonly hours: string;
  readonly amounts: Readonly<Record<string, string>>;
  readonly reverseInto: string;
  readonly withoutRate: readonly string[];
}
export type AccrueRefusal = { readonly refused: string };

interface Parts {
  readonly ledger: PostgresLedger;
  readonly questions: Pick<Questions, 'ask'>;
  readonly policy: { current(): CompiledPolicy };
  readonly secondPerson: Pick<SecondPerson, 'pass'>;
}

/**
 * Accrues, at close, time that is missing or unapproved. Each amount has an id that follows from period, worker and project, and is
 * accrued once: asked again, only what is new is added. Every line reverses itself into the next period.
 */
export class AccruePeriod {
  constructor(private readonly parts: Parts) {}

  /** @throws Problem where it is so much that a second person must agree */
  async accrue(o: AccruePeriodV1): Promise<AccrueAnswer | AccrueRefusal> {
    const { policy, secondPerson } = this.parts;
    const found = await this.#periods(o.legalEntityId, o.period);
    if ('refused' in found) return found;
    const { period, next } = found;
    const destinations = policy.current().feedRoutes('posting', o.legalEntityId);
    if (destinations.length === 0) return { refused: `${o.legalEntityId} has no destination (routing.yaml, routes)` };
    const workers = await this.#openTime({ legalEntityId: o.legalEntityId, from: period.startDate, to: period.endDate });
    const { accruals, withoutRate } = accrualsOf(
      workers,
      { legalEntityId: o.legalEntityId, period: period.code, lastDay: period.endDate, reverseInto: next.code },
      policy.current().accruals,
    );
    const added = o.dryRun
      ? await this.#fresh(this.parts.ledger.database, accruals)
      : await this.#write(accruals, {
          ...o,
          destinations,
          periods: [period, next],
          gate: secondPerson.pass('accrue', COMMANDS.accruePeriod, o).gate,
        });
    return { dryRun: o.dryRun, ...totalsOf(added), reverseInto: next.code, withoutRate };
  }

  async #periods(
    legalEntityId: string,
    code: string,
  ): Promise<{ period: AccountingPeriod; next: AccountingPeriod } | AccrueRefusal> {
    const { ledger } = this.parts;
    const objects = await ledger.master.byKind(ledger.database, 'accounting-period');
    const all = accountingPeriods(legalEntityId, objects, ledger.clock.now().slice(0, 10));
    const period = all.find((one) => one.code === code || `${legalEntityId}/${one.code}` === code);
    if (period === undefined) return { refused: `${legalEntityId} has no accounting period "${code}"` };
    if (period.state === 'closed')
      return { refused: `${period.code} of ${legalEntityId} is closed: nothing can be accrued in it` };
    const next = all.filter((one) => one.startDate > period.endDate).sort((a, b) => (a.startDate < b.startDate ? -1 : 1))[0];
    if (next === undefined)
      return { refused: `${legalEntityId} has no period after ${period.code} that could take the reversal` };
    return { period, next };
  }

  async #openTime(question: OpenTimeV1): Promise<WorkerTimeV1[]> {
    const workers: WorkerTimeV1[] = [];
    let after: string | undefined;
    do {
      const page: OpenTimeAnswerV1 = await this.parts.questions.ask(QUESTIONS.openTime, {
        ...question,
        ...(after !== undefined && { after }),
      });
      workers.push(...page.workers);
      after = page.next;
    } while (after !== undefined);
    return workers;
  }

  /** What was not accrued before. */
  async #fresh(tx: Tx, accruals: readonly Accrual[]): Promise<Accrual[]> {
    const known = await this.parts.ledger.targets.releaseNumbers(
      tx,
      accruals.map(({ entryId }) => entryId),
    );
    return accruals.filter(({ entryId }) => !known.has(entryId));
  }

  async #write(
    accruals: readonly Accrual[],
    o: {
      readonly legalEntityId: string;
      readonly period: string;
      readonly actor: string;
      readonly destinations: readonly ConnectionId[];
      readonly periods: readonly AccountingPeriod[];
      readonly gate: Gate;
    },
  ): Promise<readonly Accrual[]> {
    const { ledger, policy } = this.parts;
    const { targets, clock, database, notices } = ledger;
    const nowMs = clock.epochMs();
    return database.transaction(async (tx) => {
      const fresh = await this.#fresh(tx, accruals);
      await o.gate(tx, sizeOf(fresh.map(({ content }) => content)));
      const taken = await targets.take(
        tx,
        fresh.map(({ entryId, content }): NewTarget => ({
          entryId,
          releaseNo: 1,
          legalEntityId: o.legalEntityId,
          wanted: o.destinations.map((destination) => ({ destination, lines: [{ leg: 'time-accrual', content }] })),
          rank: urgencyOf(content, o.periods, nowMs, policy.current()).rank,
        })),
        clock.now(),
      );
      // Somebody else may have asked at the same time.
      const added = fresh.filter(({ entryId }) => taken.has(entryId));
      await tell(tx, ledger, {
        audit: [
          {
            actor: o.actor,
            action: 'period.accrued',
            subjectKind: 'accounting-period',
            subjectId: o.period,
            legalEntityId: o.legalEntityId,
            after: totalsOf(added),
          },
        ],
        events: [],
      });
      await notices.wake(tx, CHANNELS.plan);
      return added;
    });
  }
}

const totalsOf = (accruals: readonly Accrual[]) => ({
  accruals: accruals.length,
  hours: addDecimals(accruals.map(({ content }) => content.hours)),
  amounts: Object.fromEntries(
    [...Map.groupBy(accruals, ({ content }) => content.currency)].map(([currency, some]) => [
      currency,
      addDecimals(some.map(({ content }) => content.amount)),
    ]),
  ),
});
