import type { ReceivedEvent } from '@tieout/messaging';
import { attributesOn, dateIn, REASON_CODES, type Instant, type MasterAttributes, type MasterObject } from '@tieout/model';
import { appendAudit, MasterReadModel, recordReceipts, type NewAuditRow, type Tx } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { counter } from '@tieout/telemetry';
import { latestCases, openItems, putCases, putProblems, putSignals, type GroupKey } from '../adapters/postgres/case.store.js';
import { hoursToCutOff, hoursToPayCutOff, nearer } from '../domain/cut-off.js';
import { settleCase, totalsOf, type ExceptionCase } from '../domain/exception-case.js';
import { latestSignals, type Signal } from '../domain/signals.js';

/** Turns what events say of items into cases: opened, grown, shrunk, resolved. Many events per transaction. */
export class TakeSignals {
  readonly #master = new MasterReadModel();
  readonly #cases = counter('tieout.cases', 'Cases opened and resolved, by reason');
  constructor(private readonly runtime: ServiceRuntime) {}

  /** `signals` of the events, in their order; receipts are noted in the same transaction. */
  run(events: readonly ReceivedEvent[], signals: readonly Signal[]): Promise<void> {
    return this.runtime.database.transaction(async (tx) => {
      await recordReceipts(tx, events);
      await this.#take(tx, signals);
    });
  }

  async #take(tx: Tx, all: readonly Signal[]): Promise<void> {
    const now = this.runtime.clock.now();
    const latest = latestSignals(all);
    if (latest.length === 0) return;
    const news = await putSignals(tx, latest);
    const groups = await putProblems(
      tx,
      latest.filter((signal) => news.has(signal.itemKey)),
      now,
    );
    if (groups.length > 0) await this.#settle(tx, groups, now);
  }

  async #settle(tx: Tx, groups: readonly GroupKey[], now: Instant): Promise<void> {
    const policy = this.runtime.policy.current();
    const items = groupBy(await openItems(tx, groups), keyOf);
    const current = groupBy(await latestCases(tx, groups), (found) =>
      keyOf({ reason: found.reason, group_key: found.groupKey, legal_entity_id: found.legalEntityId }),
    );
    const cutOffs = await this.#cutOffs(tx, groups, now);
    const changed: { before: ExceptionCase | undefined; after: ExceptionCase }[] = [];
    for (const group of groups) {
      const open = items.get(keyOf(group)) ?? [];
      const before = current.get(keyOf(group))?.[0];
      const question = {
        reason: group.reason,
        groupKey: group.group_key,
        legalEntityId: group.legal_entity_id,
        totals: totalsOf(open),
        detail: open[0]?.detail ?? before?.detail ?? '',
        suggestion: open[0]?.suggestion ?? null,
        hoursToCutOff: cutOffs.get(group.legal_entity_id)?.[
          REASON_CODES[group.reason].impact === 'payroll' ? 'payOrClose' : 'close'
        ],
      };
      const after = settleCase(before, question, policy, now);
      if (after !== undefined) changed.push({ before, after });
    }
    await putCases(
      tx,
      changed.map(({ after }) => after),
    );
    await appendAudit(
      tx,
      changed.flatMap(({ before, after }) => this.#audit(before, after)),
      now,
    );
  }

  async #cutOffs(tx: Tx, groups: readonly GroupKey[], now: Instant): Promise<ReadonlyMap<string, CutOffs>> {
    const cutOffs = new Map<string, CutOffs>();
    const payPeriods = currentOf(await this.#master.byKind(tx, 'pay-period'), now) as MasterAttributes['pay-period'][];
    for (const entity of new Set(groups.map((group) => group.legal_entity_id))) {
      const periods = currentOf(await this.#master.byKind(tx, 'accounting-period', entity), now);
      const payGroups = currentOf(await this.#master.byKind(tx, 'pay-group', entity), now);
      const close = hoursToCutOff(periods as MasterAttributes['accounting-period'][], now);
      const pay = hoursToPayCutOff(payGroups as MasterAttributes['pay-group'][], payPeriods, now);
      cutOffs.set(entity, { close, payOrClose: nearer(pay, close) });
    }
    return cutOffs;
  }

  /** Only openings and resolutions are transitions of a case; that its sums move is not. */
  #audit(before: ExceptionCase | undefined, after: ExceptionCase): NewAuditRow[] {
    const was = before?.caseId === after.caseId ? before.state : undefined;
    if (was === after.state) return [];
    this.#cases.add(1, { reason: after.reason, state: after.state });
    return [
      {
        actor: `service:${this.runtime.name}`,
        action: after.state === 'open' ? 'case.opened' : 'case.resolved',
        subjectKind: 'case',
        subjectId: after.caseId,
        legalEntityId: after.legalEntityId,
        ...(was !== undefined && { before: { state: was } }),
        after: {
          state: after.state,
          severity: after.severity,
          owner: after.owner,
          items: after.totals.items,
          hours: after.totals.hours,
        },
        reason: after.reason,
        policyDigest: this.runtime.policy.current().digest,
      },
    ];
  }
}

/** Hours until then. Somebody's pay may wait for the earlier of both. */
interface CutOffs {
  readonly close: number | undefined;
  readonly payOrClose: number | undefined;
}

const currentOf = (objects: readonly MasterObject[], now: Instant): object[] =>
  objects.flatMap((object) => attributesOn(object, dateIn(now, 'UTC')) ?? []);

const keyOf = (group: GroupKey): string => `${group.reason}|${group.group_key}|${group.legal_entity_id}`;

const groupBy = <T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
};
